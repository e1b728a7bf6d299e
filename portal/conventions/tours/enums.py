"""Words of a collective round (domaine.md § 5.3)."""

from enum import Enum

from portal.shared.messages import N_


class StatutTour(Enum):
    """Where a round stands."""

    OUVERT = "ouvert"
    CLOS = "clos"
    ABANDONNE = "abandonne"


LIBELLES_STATUT_TOUR: dict[StatutTour, str] = {
    StatutTour.OUVERT: N_("Ouvert"),
    StatutTour.CLOS: N_("Clos"),
    StatutTour.ABANDONNE: N_("Abandonné"),
}


class Reponse(Enum):
    """What one operator says of the common base on one clause."""

    A_EXAMINER = "a_examiner"
    A_REVOIR = "a_revoir"  # it had adopted a base that has changed since
    ADOPTEE = "adoptee"
    ECART = "ecart"


LIBELLES_REPONSE: dict[Reponse, str] = {
    Reponse.A_EXAMINER: N_("À examiner"),
    Reponse.A_REVOIR: N_("À revoir : le socle a changé"),
    Reponse.ADOPTEE: N_("Socle adopté"),
    Reponse.ECART: N_("Écart proposé"),
}
EN_ATTENTE = frozenset({Reponse.A_EXAMINER, Reponse.A_REVOIR})
"""Answers that are still owed."""
