"""Telling in which encoding a text file was written, or saying that it cannot be told."""

import codecs
import re

from portal.documents import messages as messages
from portal.shared.errors import DomainError

# What French text holds beyond ASCII. A file read in the wrong encoding shows other letters.
_EXPECTED = frozenset("àâäéèêëîïôöùûüÿçœæÀÂÄÉÈÊËÎÏÔÖÙÛÜŸÇŒÆ«»’‘“”–—…•€°²³µ§ªº·\xa0\xad")
_UTF8_PAIR = re.compile(rb"[\xc3][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x9f]")


def decode(content: bytes) -> str:
    """Return the text of a file written in UTF-8 (with a mark or not), UTF-16 with its mark or Windows-1252.

    Raises DomainError `tableau.format` for what is no text, `tableau.encodage` (with the line) for a text
    whose accents would come out wrong: another encoding, or two mixed in one file.
    """
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return _checked(_strictly(content, name))
    try:
        return _checked(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        broken = error.start
    if b"\x00" in content:
        raise DomainError("tableau.format")
    if content.startswith(codecs.BOM_UTF8) or _UTF8_PAIR.search(content):  # UTF-8 broken in one place
        raise DomainError("tableau.encodage", ligne=_line(content, broken))
    text = _strictly(content, "cp1252")
    foreign = [char for char in text if not char.isascii()]
    if sum(char in _EXPECTED for char in foreign) * 2 < len(foreign):
        raise DomainError("tableau.encodage", ligne=_line(content, broken))
    return _checked(text)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DomainError("tableau.encodage", ligne=_line(content, error.start)) from error


def _checked(text: str) -> str:
    if _CONTROL.search(text):
        raise DomainError("tableau.format")
    return text


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1
