"""What follows a session that is planned, moved or cancelled: the rooms above register here."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.commissions.models_seances import Seance
from portal.security.policy import Actor
from portal.shared.clock import Clock

Prevue = Callable[[Session, Clock, Seance], None]
Deplacee = Callable[[Session, Clock, Seance, frozenset[str]], None]
Annulee = Callable[[Session, Clock, Actor, Seance], None]

_prevues: list[Prevue] = []
_deplacees: list[Deplacee] = []
_annulees: list[Annulee] = []


def on_seance_prevue(fn: Prevue) -> Prevue:
    """Register what follows a session just planned, in the same transaction: `fn(session, clock, seance)`."""
    _prevues.append(fn)
    return fn


def on_seance_deplacee(fn: Deplacee) -> Deplacee:
    """Register what follows a session to come that is held at another time or place, in the same transaction:
    `fn(session, clock, seance, champs)`, `champs` the columns that changed."""
    _deplacees.append(fn)
    return fn


def on_seance_annulee(fn: Annulee) -> Annulee:
    """Register what follows a session just cancelled, its reason written, in the same transaction:
    `fn(session, clock, actor, seance)`. It may refuse by a DomainError."""
    _annulees.append(fn)
    return fn


def prevue(session: Session, clock: Clock, seance: Seance) -> None:
    """Run what follows a session just planned."""
    for fn in _prevues:
        fn(session, clock, seance)


def deplacee(session: Session, clock: Clock, seance: Seance, champs: frozenset[str]) -> None:
    """Run what follows a session held at another time or place."""
    for fn in _deplacees:
        fn(session, clock, seance, champs)


def annulee(session: Session, clock: Clock, actor: Actor, seance: Seance) -> None:
    """Run what follows a session just cancelled. Raises DomainError."""
    for fn in _annulees:
        fn(session, clock, actor, seance)
