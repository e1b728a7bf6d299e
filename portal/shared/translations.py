"""The catalogues outside of a web request: e-mails, results of long work."""

from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

from portal.shared.errors import DomainError
from portal.shared.messages import text_of

FOLDER = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES = ("fr", "en")


@lru_cache(maxsize=8)
def catalogue(langue: str) -> NullTranslations:
    """Return the catalogue of a language; French message ids stand for what it lacks."""
    return Translations.load(FOLDER, [langue if langue in LANGUAGES else "fr"], "messages")


def translate_error(error: DomainError, langue: str = "fr") -> str:
    """Return the text of a domain error in a language, its parameters filled."""
    text = catalogue(langue).gettext(text_of(error))
    return text % error.params if error.params else text
