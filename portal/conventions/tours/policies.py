"""Who takes part in a round (domaine.md § 10.2 point 7, § 10.3 « Tours collectifs »).

State and SIAO lead; an operator reads the base and its own column, and answers; its managers read only.
The object is a `Vise`: whose round it is, and which operators are at the table.
"""

from dataclasses import dataclass
from typing import Any

from portal.conventions.policies import partie_de
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission
from portal.security.policy import Actor, policy


@dataclass(frozen=True)
class Vise:
    """A round as rights read it. `operateurs`: keys of those at the table."""

    departement_code: str
    siao_id: int
    operateurs: frozenset[int] = frozenset()


def _le_sien(actor: Actor, tour: Any) -> bool:
    if tour is None:
        return True
    if actor.profil in ETAT:
        return bool(tour.departement_code == actor.departement_code)
    if actor.profil in SIAO:
        return bool(tour.siao_id == actor.organisation_id)
    return actor.profil in OPERATEUR and actor.organisation_id in tour.operateurs


@policy(Permission.TOURS_LIRE)
def peut_lire(actor: Actor, tour: Any) -> bool:
    """State, SIAO and the operators at the table. `queries.portee` says the same in SQL."""
    return actor.profil in ETAT | SIAO | OPERATEUR and _le_sien(actor, tour)


@policy(Permission.TOURS_PILOTER)
def peut_piloter(actor: Actor, tour: Any) -> bool:
    """State and SIAO lead the round together."""
    return actor.profil in ETAT | SIAO and _le_sien(actor, tour)


@policy(Permission.TOURS_REPONDRE)
def peut_repondre(actor: Actor, tour: Any) -> bool:
    """The direction of an operator at the table answers for it."""
    return partie_de(actor) is not None and actor.profil in OPERATEUR and _le_sien(actor, tour)
