"""Normalisation of texts for search and sorting."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "ß": "ss"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def normalise(text: str) -> str:
    """Return `text` lower-case, without accents nor punctuation, words separated by one space."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", bare.lower()).strip()


def sort_key(text: str) -> str:
    """Return the key under which a label sorts alike on every engine (stored, 120 characters at most)."""
    return normalise(text)[:120]


def searchable(*parts: str | None) -> str:
    """Return the stored search text of a record: its normalised words, each preceded by a space.

    The leading space lets a word's beginning be found as ``% beginning%`` on PostgreSQL.
    """
    return " " + normalise(" ".join(part for part in parts if part))
