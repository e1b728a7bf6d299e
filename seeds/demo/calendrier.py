"""The demonstration's days: those of the past are fixed, the recent ones move with today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal.shared.clock import FixedClock
from seeds.demo.donnees import Jour

OUVERTURE = date(2025, 1, 6)
"""When the portal of the demonstration opened: what was signed before enters by a « reprise »."""

PREMIER_JOUR = date(2026, 1, 2)
"""The earliest day on which the demonstration can be loaded: its story runs to the end of 2025."""


@dataclass(frozen=True)
class Calendrier:
    """Reads the days of the files, seen from today."""

    aujourdhui: date

    def __post_init__(self) -> None:
        if self.aujourdhui < PREMIER_JOUR:
            raise ValueError(f"the demonstration needs a clock set to {PREMIER_JOUR} or later")

    def jour(self, dit: Jour) -> date:
        """Return the day meant by a date, « J-45 », « J+30 » or « 62 % » of the way since the opening.

        What is counted from today and lies in the past falls on a working day.
        """
        if isinstance(dit, date):
            return dit
        if dit.endswith("%"):
            part = int(dit.removesuffix("%").strip())
            return ouvre(OUVERTURE + (self.aujourdhui - OUVERTURE) * part / 100)
        jour = self.aujourdhui + timedelta(days=int(dit.removeprefix("J")))
        return ouvre(jour) if jour < self.aujourdhui else jour


def ouvre(jour: date) -> date:
    """Return the day itself, or the Friday before a week-end."""
    return jour - timedelta(days=max(0, jour.weekday() - 4))


def horloge(jour: date, minutes: int = 0) -> FixedClock:
    """Return a clock that stands some minutes after 7:00 UTC: it is daytime from the Caribbean to Réunion."""
    return FixedClock(datetime.combine(jour, time(7), UTC) + timedelta(minutes=minutes))
