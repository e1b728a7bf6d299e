"""The values of this room that a département may change (domaine.md D17, § 14 traps; marked [P])."""

from portal.organisations import parametres
from portal.shared.messages import N_

OUI, NON = "oui", "non"

CONSERVATION_MOIS = parametres.entier(
    "menages.conservation_mois",
    N_("Nombre de mois après le dernier contact au bout duquel les données d’un ménage sont effacées"),
    24,
    (3, 60),
    "domaine.md D17 ; § 15, cas 30 [P]",
)
BROUILLON_MOIS = parametres.entier(
    "menages.brouillon_mois",
    N_("Nombre de mois sans écriture au bout duquel une grille inachevée est effacée"),
    3,
    (1, 12),
    "domaine.md § 14 [P]",
)
PREAVIS_JOURS = parametres.entier(
    "menages.effacement_preavis_jours",
    N_("Nombre de jours avant un effacement auquel la personne qui accompagne le ménage est prévenue"),
    30,
    (7, 90),
    "domaine.md D17 [P]",
)
AUTOMATIQUE = parametres.choix(
    "menages.effacement_automatique",
    N_("Effacer sans autre acte à la fin du délai et du préavis (oui ou non : le SIAO efface lui-même)"),
    OUI,
    (OUI, NON),
    "domaine.md D17 ; § 15, cas 30 [P]",
)
TOUS = (CONSERVATION_MOIS, BROUILLON_MOIS, PREAVIS_JOURS, AUTOMATIQUE)
