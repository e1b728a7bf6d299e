"""Dates in words. French says « 1er décembre », which the locale's own data do not."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

_PREMIER = re.compile(r"(?<!\d)1(?= [a-zéû]+ \d{4}\b)")


def jour_dit(value: date, locale: str = "fr", style: str = "long") -> str:
    """Return a date in words: 31 décembre 2026, 1er décembre 2026. `style`: as Babel names them."""
    return _premier(format_date(value, style, locale=locale), locale)


def instant_dit(value: datetime, zone: str, *, suite: str = ", HH:mm", locale: str = "fr") -> str:
    """Return an instant in words, in an IANA zone: 1er décembre 2026, 10:00. `suite`: how the hour follows,
    as Babel writes formats."""
    dit = format_datetime(value, f"d MMMM y{suite}", tzinfo=ZoneInfo(zone), locale=locale)
    return _premier(dit, locale)


def _premier(dit: str, locale: str) -> str:
    return _PREMIER.sub("1er", dit, count=1) if locale == "fr" else dit
