"""The transitions of a round: who may fire them, from where, to where."""

from portal.conventions.tours.enums import StatutTour
from portal.security.permissions import Permission
from portal.shared.messages import N_
from portal.shared.workflow import Transition, Workflow

WORKFLOW: Workflow[StatutTour] = Workflow(
    [
        Transition(
            "clore",
            N_("Clore le tour"),
            frozenset({StatutTour.OUVERT}),
            StatutTour.CLOS,
            Permission.TOURS_PILOTER,
        ),
        Transition(
            "abandonner",
            N_("Abandonner le tour"),
            frozenset({StatutTour.OUVERT}),
            StatutTour.ABANDONNE,
            Permission.TOURS_PILOTER,
        ),
        Transition(
            "rouvrir",
            N_("Rouvrir le tour"),
            frozenset({StatutTour.CLOS, StatutTour.ABANDONNE}),
            StatutTour.OUVERT,
            Permission.TOURS_PILOTER,
        ),
    ]
)
