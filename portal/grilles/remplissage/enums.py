"""Enumerations of the filled grids."""

from enum import Enum

from portal.grilles.menages.enums import LIBELLES_LECTURE
from portal.shared.messages import N_


class StatutGrille(Enum):
    """A version is written, then frozen for good."""

    BROUILLON = "brouillon"
    FIGEE = "figee"


LIBELLES_STATUT_GRILLE: dict[StatutGrille, str] = {
    StatutGrille.BROUILLON: N_("Brouillon"),
    StatutGrille.FIGEE: N_("Version figée"),
}


class Rappel(Enum):
    """What was told about a grid that grows old."""

    AVANT = "avant"
    ECHUE = "echue"


LIBELLES_FAIT: dict[str, str] = {
    "oui": N_("Oui"),
    "non": N_("Non"),
    "en_cours": N_("En cours"),
    "sans_objet": N_("Sans objet"),
}
"""Answers of a « fait » as they are stored; absent is « non renseigné »."""

LIBELLES_AUTONOMIE: dict[str, str] = {
    "autonome": N_("Autonome"),
    "ponctuel": N_("Avec un appui ponctuel"),
    "regulier": N_("Avec un appui régulier"),
}
"""Answers of an « autonomie » as they are stored, in words and without any mark; absent is « non évalué »."""

LU = "grille"
"""What the pages of this room say was read."""

IMPRIMEE = "grille_imprimee"

LIBELLES_LECTURE[LU] = N_("La grille")
LIBELLES_LECTURE[IMPRIMEE] = N_("La grille, imprimée")
