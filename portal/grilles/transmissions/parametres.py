"""What a département decides about transmissions."""

from portal.organisations import parametres
from portal.shared.messages import N_

RECEPTION_JOURS = parametres.entier(
    "transmissions.reception_jours",
    N_("Délai pour accuser réception d’une grille transmise, en jours"),
    5,
    (1, 30),
    "domaine.md § 6.7 [P]",
)
REPONSE_JOURS = parametres.entier(
    "transmissions.reponse_jours",
    N_("Délai pour répondre à une grille transmise, en jours"),
    30,
    (5, 180),
    "domaine.md § 6.6 [P]",
)
ECHECS = parametres.entier(
    "transmissions.echecs",
    N_("Nombre de réponses négatives après lequel une autre solution est proposée"),
    2,
    (1, 10),
    "domaine.md § 6.6, 7 [P]",
)
OUI, NON = "oui", "non"
IMPRESSION = parametres.choix(
    "transmissions.impression",
    N_("Le destinataire peut imprimer une grille reçue (oui ou non)"),
    NON,
    (OUI, NON),
    "domaine.md § 2.11 [P]",
)
