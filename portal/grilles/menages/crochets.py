"""What other rooms do when a household changes, and what they show on its page: they register here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.grilles.menages.identites import Identite
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise
from portal.security.policy import Actor
from portal.shared import ensemble
from portal.shared.clock import Clock
from portal.shared.db import AnySelect
from portal.shared.ensemble import Lues

Suite = Callable[[Session, Clock, Actor, Menage], None]

Protection = Callable[[Session, Clock, Actor, Menage, Collection[Identite]], None]

_compositions: list[Suite] = []
_clotures: list[Suite] = []
_protections: list[Protection] = []


def on_composition(suite: Suite) -> Suite:
    """Register what follows an adult who joins or leaves, or the protected circuit, in its transaction."""
    _compositions.append(suite)
    return suite


def on_cloture(suite: Suite) -> Suite:
    """Register what follows a household that is no longer accompanied, in its transaction."""
    _clotures.append(suite)
    return suite


def on_protection(suite: Protection) -> Protection:
    """Register what takes a household's names away when it enters the protected circuit, in its transaction:
    `suite(session, clock, actor, menage, identites)`, who its adults were, those who left included.
    """
    _protections.append(suite)
    return suite


def composition_change(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    """Run what follows a change of composition."""
    for suite in _compositions:
        suite(session, clock, actor, menage)


def cloture(session: Session, clock: Clock, actor: Actor, menage: Menage) -> None:
    """Run what follows the closing of a household."""
    for suite in _clotures:
        suite(session, clock, actor, menage)


def protection(
    session: Session, clock: Clock, actor: Actor, menage: Menage, identites: Collection[Identite]
) -> None:
    """Run what takes a household's names away."""
    for suite in _protections:
        suite(session, clock, actor, menage, identites)


def _aucune(_clock: Clock, _actor: Actor, _vise: Vise) -> Mapping[str, AnySelect]:
    return {}


@dataclass(frozen=True)
class Panneau:
    """A panel of the household's page. `titre`: a message; `gabarit`: its template, included with `donnees`
    (what `lire` returned), `menage`, `vise` and `adresse` (of the page); not shown when `lire` returns None.

    `rang`: the panels come in this order. `code`: names it alone among all (its `id` in the page).
    `lectures`: what it has to read of tables; all the panels are read in one statement, then `lire` is given
    the rows of its own.
    """

    code: str
    titre: str
    gabarit: str
    lire: Callable[[Session, Clock, Actor, Vise, Lues], Mapping[str, Any] | None]
    rang: int
    lectures: Callable[[Clock, Actor, Vise], Mapping[str, AnySelect]] = _aucune


_panneaux: dict[str, Panneau] = {}


def on_fiche(panneau: Panneau) -> Panneau:
    """Register a panel of the household's page."""
    if _panneaux.setdefault(panneau.code, panneau) is not panneau:
        raise ValueError(f"panel registered twice: {panneau.code}")
    return panneau


def panneaux(
    session: Session, clock: Clock, actor: Actor, vise: Vise
) -> list[tuple[Panneau, Mapping[str, Any]]]:
    """Return the panels of a household for a reader, each with its data, in order."""
    ranges = sorted(_panneaux.values(), key=lambda one: (one.rang, one.code))
    voulues = {panneau.code: panneau.lectures(clock, actor, vise) for panneau in ranges}
    lues = ensemble.lire(
        session, {f"{code}.{nom}": une for code, siennes in voulues.items() for nom, une in siennes.items()}
    )
    found = []
    for panneau in ranges:
        siennes = {nom: lues[f"{panneau.code}.{nom}"] for nom in voulues[panneau.code]}
        donnees = panneau.lire(session, clock, actor, vise, siennes)
        if donnees is not None:
            found.append((panneau, donnees))
    return found
