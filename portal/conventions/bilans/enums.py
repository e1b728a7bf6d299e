"""Words of the bilans (domaine.md § 5.2)."""

from enum import Enum

from portal.shared.messages import N_


class StatutBilan(Enum):
    """Where a bilan stands. Late or not is computed."""

    DEMANDE = "demande"
    BROUILLON = "brouillon"
    RENDU = "rendu"


class Situation(Enum):
    """What people read: a bilan that was asked for is awaited, then missing once its day is past."""

    ATTENDU = "attendu"
    MANQUANT = "manquant"
    RENDU = "rendu"


LIBELLES_STATUT_BILAN: dict[StatutBilan, str] = {
    StatutBilan.DEMANDE: N_("Demandé"),
    StatutBilan.BROUILLON: N_("En cours de rédaction"),
    StatutBilan.RENDU: N_("Rendu"),
}
LIBELLES_SITUATION: dict[Situation, str] = {
    Situation.ATTENDU: N_("Attendu"),
    Situation.MANQUANT: N_("Manquant"),
    Situation.RENDU: N_("Rendu"),
}
LIBELLES_SITUATIONS: dict[Situation, str] = {
    Situation.ATTENDU: N_("Attendus"),
    Situation.MANQUANT: N_("Manquants"),
    Situation.RENDU: N_("Rendus"),
}
"""Of many."""


class Genre(Enum):
    """A bilan of a period, or that of the whole convention before it ends."""

    PERIODIQUE = "periodique"
    FINAL = "final"


LIBELLES_GENRE: dict[Genre, str] = {
    Genre.PERIODIQUE: N_("Bilan périodique"),
    Genre.FINAL: N_("Bilan final"),
}
