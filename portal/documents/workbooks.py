"""What an XLSX workbook would weigh in memory, measured before the library that reads it sees it.

The library lays a sheet out as a full rectangle, and copies a shared text into each cell that names it: two
cells far apart, or one long text named everywhere, would take all the memory of a file of a few kilobytes.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat

from portal.documents import messages as messages
from portal.documents.archives import MAX_UNPACKED, open_archive
from portal.shared.errors import DomainError

MAX_AREA = 4_000_000  # cells of the rectangle from A1 to the last cell
MAX_ERRORS = 100_000  # cells whose formula failed
CHUNK = 64 * 1024

Errors = dict[tuple[int, int], str]
"""Cells whose formula failed: (line, column), from 0, and what the spreadsheet shows, such as « #REF! »."""

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


class _NotThisPart(Exception):
    """The part is neither a sheet nor the shared texts."""


def check_workbook(content: bytes) -> dict[str, Errors]:
    """Raise DomainError when the workbook is damaged, protected, or too big once opened.

    Return the failed formulas of each sheet that has some, by its name: the library reads them as empty
    cells.
    """
    found: dict[str, Errors] = {}
    with open_archive(io.BytesIO(content), len(content)) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names or {"content.xml", "xl/workbook.bin"} & set(names):
            raise DomainError("tableau.format")
        texts = _SharedTexts()
        for name in names:
            _parse(archive, name, "sst", texts.handlers)
        for name in names:
            sheet = _Sheet(texts.lengths)
            _parse(archive, name, "worksheet", sheet.handlers)
            if sheet.errors:
                found[name] = sheet.errors
        sheets = _sheets(archive) if found else {}
    return {sheet: found[part] for sheet, part in sheets.items() if part in found}


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet, by its name."""
    book, links = _Elements("sheet"), _Elements("Relationship")
    _parse(archive, "xl/workbook.xml", "workbook", book.handlers)
    if "xl/_rels/workbook.xml.rels" in archive.namelist():
        _parse(archive, "xl/_rels/workbook.xml.rels", "Relationships", links.handlers)
    parts = {link.get("Id", ""): link.get("Target", "") for link in links.found}
    return {
        sheet.get("name", ""): posixpath.join("xl", parts[sheet["id"]]).lstrip("/")
        for sheet in book.found
        if sheet.get("id") in parts
    }


def _parse(
    archive: zipfile.ZipFile, name: str, root: str, handlers: Callable[[expat.XMLParserType], None]
) -> None:
    """Feed one part to the handlers when its root element is `root`; do nothing otherwise."""
    parser = expat.ParserCreate()

    def on_root(tag: str, _attributes: dict[str, str]) -> None:
        if _local(tag) != root:
            raise _NotThisPart
        handlers(parser)

    def refuse(*_declaration: object) -> None:
        raise DomainError("tableau.format")

    parser.StartElementHandler = on_root
    parser.StartDoctypeDeclHandler = refuse
    try:
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except _NotThisPart:
        return
    except (expat.ExpatError, zipfile.BadZipFile, ValueError) as error:
        if name.endswith(".xml"):
            raise DomainError("tableau.format") from error


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


class _Elements:
    """The attributes of the elements of one name, without their prefixes."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.found: list[dict[str, str]] = []

    def handlers(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self._start

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == self.tag:
            self.found.append({_local(name): value for name, value in attributes.items()})


class _SharedTexts:
    """Lengths of the shared texts, in their order."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def handlers(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        if _local(tag) == "si":
            self.lengths.append(0)

    def _text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class _Sheet:
    """Extent of one sheet, length of all its shared texts, and its failed formulas."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths
        self.row = self.column = 0
        self.last_row = self.last_column = 0
        self.weight = 0
        self.shared = self.failed = False
        self.index: str | None = None  # digits of the shared text being named
        self.error: str | None = None  # what a failed formula shows, being read
        self.errors: Errors = {}

    def handlers(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif name == "c":
            self._place(attributes.get("r"))
            self.shared, self.failed = (attributes.get("t") == kind for kind in ("s", "e"))
        elif name in {"v", "is"}:
            self._extend()
            self.index = "" if self.shared and name == "v" else None
            self.error = "" if self.failed and name == "v" else None

    def _end(self, tag: str) -> None:
        if _local(tag) == "v" and self.error is not None:
            self._fail(self.error.strip())
        if _local(tag) != "v" or self.index is None:
            return
        index, self.index = int(self.index or -1), None
        if 0 <= index < len(self.lengths):
            self.weight += self.lengths[index]
        if self.weight > MAX_UNPACKED:
            raise DomainError("fichier.bombe")

    def _text(self, text: str) -> None:
        if self.index is not None:
            self.index += text
        elif self.error is not None:
            self.error += text

    def _fail(self, text: str) -> None:
        self.error = None
        if len(self.errors) == MAX_ERRORS:
            raise DomainError("tableau.trop_d_erreurs", limite=MAX_ERRORS)
        if text:
            self.errors[self.row - 1, self.column - 1] = text[:20]

    def _place(self, reference: str | None) -> None:
        self.column += 1
        if reference is None:
            return
        match = _PLACE.fullmatch(reference.upper())
        if match is None:
            raise DomainError("tableau.format")
        self.row, self.column = int(match[2]), 0
        for letter in match[1]:
            self.column = self.column * 26 + ord(letter) - ord("A") + 1

    def _extend(self) -> None:
        if self.row > self.last_row or self.column > self.last_column:
            self.last_row = max(self.last_row, self.row)
            self.last_column = max(self.last_column, self.column)
            if self.last_row * self.last_column > MAX_AREA:
                raise DomainError("tableau.trop_etendu", cellule=f"{column_letters(self.column)}{self.row}")


def column_letters(column: int) -> str:
    """Return the letters a spreadsheet gives to a column, from 1: A, B… Z, AA…"""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
