"""Normalisation of texts for search and sorting."""

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "ß": "ss"})
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


_CONTROLS = dict.fromkeys((*range(0x01, 0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF))
# Ends of lines as word processors paste them, then their hyphen that does not break.
_CONTROLS |= dict.fromkeys((0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n")
_CONTROLS[0x1E] = "\u2011"


def without_controls(text: str) -> str:
    """Return a text without the characters that nobody sees and that no XML document can hold.

    Tabs stay; ends of lines, however browsers and word processors write them, become ours. The null character
    stays: whoever sends one is refused.
    """
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def normalise(text: str) -> str:
    """Return `text` lower-case, without accents nor punctuation, words separated by one space."""
    if not text.isascii():
        text = _NOT_ASCII.sub(lambda found: _without_accents(found[0]), text)
    return _NOT_WORD.sub(" ", text.lower()).strip()


@lru_cache(maxsize=512)
def _without_accents(text: str) -> str:
    """Return the letters of a few characters between ASCII ones: few are met, over and over."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def sort_key(text: str) -> str:
    """Return the key under which a label sorts alike on every engine (stored, 120 characters at most)."""
    return normalise(text)[:120]


def searchable(*parts: str | None) -> str:
    """Return the stored search text of a record: its normalised words, each preceded by a space.

    The leading space lets a word's beginning be found as ``% beginning%`` on PostgreSQL.
    """
    return " " + normalise(" ".join(part for part in parts if part))
