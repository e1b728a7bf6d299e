"""Reading dates as people write them in forms and in the files they already have."""

import calendar
import re
from datetime import date, datetime, timedelta

from portal.shared.errors import DomainError
from portal.shared.text import normalise

EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)
EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of the serial numbers, as they run from 1 March 1900
CENTURY = 2000  # of a year written with two digits: every date here is later than 1990

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.,]+(?:Z|[+-][\d:]+)?)?")
_FRENCH = re.compile(r"(\d{1,2}) ?[-/. ] ?(\d{1,2}) ?[-/. ] ?(\d{4}|\d{2})(?: [\d:]+)?")
_WORDS = re.compile(r"(?:[a-z]+ )?(\d{1,2})(?:er)? ([a-z]+) (\d{4}|\d{2})")
_SERIAL = re.compile(r"\d{5}(?:[.,]0*)?")

_MONTHS = {
    "janvier": 1,
    "fevrier": 2,
    "mars": 3,
    "avril": 4,
    "mai": 5,
    "juin": 6,
    "juillet": 7,
    "aout": 8,
    "septembre": 9,
    "octobre": 10,
    "novembre": 11,
    "decembre": 12,
}
_WEEKDAYS = frozenset({"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "le"})


def parse_date(value: object, field: str | None = None) -> date | None:
    """Return the date meant by a form's text or a spreadsheet's cell; None for nothing.

    Understood: a date or datetime; day, month, year in figures (12/12/2022, 12-12-2022, 12.12.22);
    year first (2022-12-12, with or without a time); in French words (« 12 décembre 2022 »,
    « 1er janv. 2023 »); Excel's serial number, as a number or as five figures.
    Raises DomainError `date_invalide` for what is not a date of the calendar, `date_absurde` outside of
    1990-2100.
    """
    found = _read(value)
    if found is None:
        if value is None or not str(value).strip():
            return None
        raise DomainError("date_invalide", field)
    if not EARLIEST <= found <= LATEST:
        raise DomainError("date_absurde", field)
    return found


def _read(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_serial(value)
    return _from_text(value) if isinstance(value, str) else None


def _from_text(value: str) -> date | None:
    text = " ".join(value.split())
    if match := _ISO.fullmatch(text):
        return _date(match[1], match[2], match[3])
    if match := _FRENCH.fullmatch(text):
        return _date(match[3], match[2], match[1])
    if _SERIAL.fullmatch(text):
        return _from_serial(int(text[:5]))
    words = normalise(text)
    first = words.split(" ", 1)[0]
    if (match := _WORDS.fullmatch(words)) and (first[:1].isdigit() or first in _WEEKDAYS):
        return _date(match[3], _month(match[2]), match[1])
    return None


def _month(word: str) -> int:
    """Return the month that `word` names or begins (three letters at least, one month only), else 0."""
    found = [number for name, number in _MONTHS.items() if name.startswith(word)] if len(word) >= 3 else []
    return found[0] if len(found) == 1 else 0


def _from_serial(number: float) -> date | None:
    try:
        return EXCEL_EPOCH + timedelta(days=int(number))
    except (OverflowError, ValueError):
        return None


def _date(year: str, month: str | int, day: str) -> date | None:
    full_year = int(year) + (CENTURY if len(year) == 2 else 0)
    try:
        return date(full_year, int(month), int(day))
    except ValueError:
        return None


def plus_mois(depart: date, mois: int) -> date:
    """Return the same day some months later (or earlier), the last of the month when it has no such day."""
    rang = depart.year * 12 + depart.month - 1 + mois
    annee, index = divmod(rang, 12)
    dernier = calendar.monthrange(annee, index + 1)[1]
    return date(annee, index + 1, min(depart.day, dernier))
