"""The injected clock: the only source of « now » in the portal."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = "Europe/Paris"


class Clock(Protocol):
    """What services need of time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def today(self, zone: str = PARIS) -> date:
        """Return the civil date in the given IANA time zone (that of the object's département)."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, zone: str = PARIS) -> date:
        return self.now().astimezone(ZoneInfo(zone)).date()


@dataclass
class FixedClock:
    """A clock that stands still until told otherwise: tests, demonstrations, replays."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)

    def today(self, zone: str = PARIS) -> date:
        return self.now().astimezone(ZoneInfo(zone)).date()
