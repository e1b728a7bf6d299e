"""« Today » of a line is that of its département: an operator may have lines from Réunion to Martinique."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_

from portal.organisations.natures import fuseaux
from portal.shared.clock import PARIS, Clock

T = TypeVar("T")


@cache
def _zones() -> dict[str, ZoneInfo]:
    """Return the zones by name, kept: `zoneinfo` remembers eight alone and reads the others' files again."""
    return {name: ZoneInfo(name) for name in sorted({PARIS, *fuseaux().values()})}


@cache
def _rangs() -> dict[str, int]:
    return {name: rang for rang, name in enumerate(_zones())}


def fuseau_de(departement_code: str) -> str:
    """Return the IANA zone of a département."""
    return fuseaux().get(departement_code, PARIS)


def est_du_jour(clock: Clock, departement_code: str, instant: datetime | None) -> bool:
    """Tell whether something happened today in a département; None: it never happened."""
    fuseau = fuseau_de(departement_code)
    return instant is not None and instant.astimezone(_zones()[fuseau]).date() == clock.today(fuseau)


@dataclass(frozen=True)
class Jours:
    """Today in every time zone, at one instant. Hashable: what is kept in memory is kept under it."""

    dates: tuple[date, ...]

    @classmethod
    def de(cls, clock: Clock) -> "Jours":
        """Return today everywhere."""
        now = clock.now()
        return cls(tuple(now.astimezone(zone).date() for zone in _zones().values()))

    def du(self, departement_code: str) -> date:
        """Return today in a département."""
        return self.dates[_rangs()[fuseau_de(departement_code)]]


def selon_le_departement(
    departement: Any, ici: T, ailleurs: Mapping[str, T], condition: Callable[[T], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Return a condition on rows, each under what holds in its own département (the column `departement`).

    `ici`: what holds in all of them, save those of `ailleurs` by code, mostly none: it is then written once.
    """
    if not ailleurs:
        return condition(ici)
    return or_(
        and_(departement.not_in(sorted(ailleurs)), condition(ici)),
        *(and_(departement == code, condition(valeur)) for code, valeur in ailleurs.items()),
    )
