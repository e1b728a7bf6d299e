"""The values of this room that a département may change (domaine.md § 10.2, marked [P])."""

from portal.organisations import parametres
from portal.shared.messages import N_

OUI, NON = "oui", "non"

CTP_EXIGEE = parametres.choix(
    "menages.ctp_exigee",
    N_("Les ménages ne sont ouverts qu’aux organisations dont la CTP est en vigueur (oui ou non)"),
    OUI,
    (OUI, NON),
    "S2 ; domaine.md § 10.2 [P]",
)
ACCES_JOURS = parametres.entier(
    "menages.acces_jours",
    N_("Durée proposée pour l’accès d’un collègue à un ménage, en jours"),
    7,
    (1, 30),
    "domaine.md § 10.2 [P]",
)
REPONSE_JOURS = parametres.entier(
    "menages.acces_reponse_jours",
    N_("Nombre de jours après lesquels une demande d’accès restée sans réponse est refusée"),
    7,
    (1, 30),
    "domaine.md § 10.2 ; § 15, cas 18 [P]",
)
