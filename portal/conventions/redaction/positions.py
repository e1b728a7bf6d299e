"""The positions of the three parties on a clause: agreement, and who must act (domaine.md § 5.3). Pure.

Nothing is accepted in someone's name. A clause is agreed when each party proposes or accepts it; on a clause
marked ★ the operator says so itself: having proposed the text is not enough.
"""

from collections.abc import Mapping
from functools import cache

from portal.conventions.enums import Partie
from portal.conventions.redaction.enums import EtatClause, Position

Positions = Mapping[Partie, Position]

FAVORABLES = frozenset({Position.PROPOSEE, Position.ACCEPTEE})
OBJECTIONS = frozenset({Position.RESERVE, Position.REFUSEE})
A_PRENDRE = (Position.ACCEPTEE, Position.RESERVE, Position.REFUSEE, Position.A_EXAMINER)
"""Positions that a party takes on the text as it is; `PROPOSEE` comes by proposing one."""


def position(positions: Positions, partie: Partie) -> Position:
    """Return where a party stands: it has everything to examine until it says something."""
    return positions.get(partie, Position.A_EXAMINER)


def favorable(positions: Positions, partie: Partie, attention: bool) -> bool:
    """Tell whether a party agrees; `attention`: the clause is marked ★."""
    sienne = position(positions, partie)
    if attention and partie is Partie.OPERATEUR:
        return sienne is Position.ACCEPTEE
    return sienne in FAVORABLES


def accordee(positions: Positions, attention: bool) -> bool:
    """Tell whether the three parties agree on a clause."""
    return _accordee(_dites(positions), attention)


def objections(positions: Positions) -> tuple[Partie, ...]:
    """Return the parties that made a reservation or refused."""
    return tuple(partie for partie in Partie if position(positions, partie) in OBJECTIONS)


def etat(positions: Positions, attention: bool) -> EtatClause:
    """Return what the positions make of the clause."""
    if accordee(positions, attention):
        return EtatClause.ACCORDEE
    return EtatClause.EN_DISCUSSION if objections(positions) else EtatClause.A_EXAMINER


def doivent_agir(positions: Positions, attention: bool) -> tuple[Partie, ...]:
    """Return the parties whose turn it is, none once the clause is agreed.

    Those who have not examined it; the operator that proposed a ★ clause without accepting it; those who
    agree, when another objects: they answer it. When nobody agrees, the SIAO, which holds the pen.
    """
    return _doivent_agir(_dites(positions), attention)


def _dites(positions: Positions) -> tuple[Position, ...]:
    """Return where the three parties stand, in order: there are few cases, met for each clause of a page."""
    return tuple(position(positions, partie) for partie in Partie)


@cache
def _accordee(dites: tuple[Position, ...], attention: bool) -> bool:
    positions = dict(zip(Partie, dites, strict=True))
    return all(favorable(positions, partie, attention) for partie in Partie)


@cache
def _doivent_agir(dites: tuple[Position, ...], attention: bool) -> tuple[Partie, ...]:
    positions = dict(zip(Partie, dites, strict=True))
    contre = objections(positions)
    attendues = tuple(partie for partie in Partie if _attendue(positions, partie, attention, bool(contre)))
    return attendues or ((Partie.SIAO,) if contre else ())


def _attendue(positions: Positions, partie: Partie, attention: bool, contestee: bool) -> bool:
    sienne = position(positions, partie)
    if sienne in OBJECTIONS:
        return False
    return contestee or not favorable(positions, partie, attention)


def apres_proposition(auteur: Partie) -> dict[Partie, Position]:
    """Return the positions once a party has changed the text: the others read it again."""
    return {partie: Position.PROPOSEE if partie is auteur else Position.A_EXAMINER for partie in Partie}
