"""Translation in templates: the catalogue is found once per request, not once per text."""

from enum import Enum
from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from flask import g
from flask_babel import get_locale

from portal.shared.translations import catalogue
from portal.web.libelles import LIBELLES


def _catalogue() -> NullTranslations:
    found: NullTranslations | None = g.get("catalogue")
    if found is None:
        found = g.catalogue = catalogue(str(get_locale()))
    return found


def gettext(message: str, **variables: Any) -> str:
    """Translate a text and fill its variables."""
    text = _catalogue().gettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    """Translate a text that depends on a number, `%(num)s`."""
    return _catalogue().ngettext(singular, plural, num) % {"num": num, **variables}


@lru_cache(maxsize=512)
def _label(langue: str, member: Enum) -> str:
    return catalogue(langue).gettext(LIBELLES[type(member)][member])


def label(member: Enum | None) -> str:
    """Return the translated label of an enum's member."""
    return "" if member is None else _label(str(get_locale()), member)
