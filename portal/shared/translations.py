"""The catalogues, in a web request and outside: pages, e-mails, results of long work."""

import re
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

from portal.shared.errors import DomainError
from portal.shared.messages import text_of

FOLDER = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES = ("fr", "en")


_INSECABLES = re.compile(r"(?<=«) | (?=[»:;?!])")


@lru_cache(maxsize=8192)
def insecables(text: str) -> str:
    """Return a French text whose signs « » : ; ? ! stay on the line of the word they belong to."""
    return _INSECABLES.sub("\N{NO-BREAK SPACE}", text)


class Francais(Translations):
    """The French texts are those of the code, where spaces are typed as on any keyboard."""

    def gettext(self, message: str) -> str:
        """Return a text as it is shown."""
        return insecables(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a text that depends on a number, as it is shown."""
        return insecables(super().ngettext(msgid1, msgid2, n))

    ugettext, ungettext = gettext, ngettext


@lru_cache(maxsize=8)
def catalogue(langue: str) -> NullTranslations:
    """Return the catalogue of a language; French message ids stand for what it lacks."""
    kind = Translations if langue == "en" else Francais
    return kind.load(FOLDER, [langue if langue in LANGUAGES else "fr"], "messages")


def translate_error(error: DomainError, langue: str = "fr") -> str:
    """Return the text of a domain error in a language, its parameters filled."""
    text = catalogue(langue).gettext(text_of(error))
    return text % error.params if error.params else text
