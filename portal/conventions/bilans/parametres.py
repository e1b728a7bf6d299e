"""What a département decides about bilans when the signed text says nothing."""

from portal.conventions.bilans import regles
from portal.organisations import parametres
from portal.shared.messages import N_

FREQUENCE = parametres.entier(
    "conventions.freq_bilan_mois",
    N_("Nombre de mois entre deux bilans d’une convention dont le texte n’est pas dans le portail"),
    regles.FREQUENCE_MOIS,
    (6, 12),
    "domaine.md § 4.5",
)
DELAI = parametres.entier(
    "conventions.bilan_delai_jours",
    N_("Nombre de jours pour rendre un bilan périodique, une fois sa période finie"),
    regles.DELAI_JOURS,
    (0, 365),
    "domaine.md § 5.2 [P]",
)
