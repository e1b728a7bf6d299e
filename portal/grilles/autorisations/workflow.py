"""The transitions of an authorisation (domaine.md § 6.5): who may fire them, from where, to where.

The last day passes without a transition: it is read from the dates. `actor` None stands for the household
itself, by its receipt, and for the portal.
"""

from typing import Any

from portal.grilles.autorisations.enums import (
    ATTENDUES,
    PREUVES,
    DecisionAdulte,
    Mode,
    ObjetAutorisation,
)
from portal.grilles.autorisations.enums import StatutAutorisation as Statut
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.shared.workflow import Transition, Workflow


def _tous(autorisation: Any, *, presents: frozenset[int]) -> None:
    """Each adult of today agreed, with the proof that the object asks for."""
    accords = {
        one.adulte_id: one
        for one in autorisation.accords
        if one.decision is DecisionAdulte.ACCORDE and one.retire_le is None
    }
    if not presents or presents - accords.keys():
        raise DomainError("autorisations.adulte_manquant")
    oral = autorisation.objet is ObjetAutorisation.PRESENTATION
    for cle in presents:
        if accords[cle].mode not in PREUVES and not (oral and accords[cle].mode is Mode.ORAL):
            raise DomainError("autorisations.preuve")


WORKFLOW: Workflow[Statut] = Workflow(
    [
        Transition(
            "informer",
            N_("Donner la notice"),
            ATTENDUES,
            Statut.INFORME,
            Permission.AUTORISATIONS_RECUEILLIR,
        ),
        Transition(
            "accorder",
            N_("Constater l’accord de chaque adulte"),
            frozenset({Statut.INFORME}),
            Statut.ACCORDE,
            Permission.AUTORISATIONS_RECUEILLIR,
            _tous,
        ),
        Transition(
            "refuser",
            N_("Noter un refus"),
            ATTENDUES,
            Statut.REFUSE,
            Permission.AUTORISATIONS_RECUEILLIR,
        ),
        Transition(
            "retirer",
            N_("Retirer l’autorisation"),
            ATTENDUES | {Statut.ACCORDE},
            Statut.RETIRE,
            Permission.AUTORISATIONS_RECUEILLIR,
        ),
        Transition(
            "expirer",
            N_("Fermer parce que le ménage a changé"),
            ATTENDUES | {Statut.ACCORDE},
            Statut.EXPIRE,
            Permission.AUTORISATIONS_RECUEILLIR,
        ),
        Transition(
            "remplacer",
            N_("Remplacer par une autre"),
            ATTENDUES | {Statut.ACCORDE},
            Statut.REMPLACE,
            Permission.AUTORISATIONS_RECUEILLIR,
        ),
    ]
)
