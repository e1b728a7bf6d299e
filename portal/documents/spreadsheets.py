"""Reading the tables people already have, CSV or XLSX, without trusting them.

The XLSX library is loaded at the first workbook: web workers that read none stay light.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any

from portal.documents import messages as messages
from portal.documents.encodings import decode
from portal.documents.workbooks import MAX_AREA, Errors, check_workbook, column_letters
from portal.shared.errors import DomainError
from portal.shared.text import normalise, without_controls

Cell = str | int | float | bool | date | datetime | None

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 32_767  # characters, the limit of spreadsheets
TITLE_LINES = 10  # how far from the top the line of column titles is looked for

Place = tuple[int, int]  # line and column, from 0
Known = Callable[[Sequence[str]], int]

_DELIMITERS = (";", "\t", ",")
_FIGURES = re.compile(r"[\d\s.,%€-]*\d[\d\s.,%€-]*")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Row:
    """A line of a table: its number as the spreadsheet shows it, and one cell per column."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table with unique, non-empty titles; each row has exactly as many cells."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(
    source: bytes | Path, filename: str, *, max_rows: int = MAX_ROWS, known: Known | None = None
) -> Table:
    """Return the table of a CSV file or of the first visible sheet of an XLSX workbook.

    The format is told by the content. CSV: UTF-8, UTF-16 with its mark, Windows-1252; separated by
    semicolons, commas or tabs. XLSX: date cells come as dates, and a cell merged over several lines counts
    for each of them. Empty lines are skipped, and the lines of title above the column titles; `known` helps
    to find these: how many of some texts are titles that the caller knows. A title met twice is told apart
    by its column. Raises DomainError `tableau.*` or `fichier.*`, one for each way of being unreadable.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    if not content.strip():
        raise DomainError("tableau.vide")
    if content.startswith(_OLE):
        raise DomainError("tableau.ancien_format")
    if content.startswith(_ZIP):
        lines = _xlsx_lines(content)
    elif filename.lower().endswith((".csv", ".txt", ".tsv")):
        lines = _csv_lines(decode(content))
    else:
        raise DomainError("tableau.format")
    return _table(lines, max_rows, known)


def _csv_lines(text: str) -> Iterator[Row]:
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:  # Excel's own way to tell
        delimiter, text = first[4], rest
    else:
        delimiter = _sniff(text)
    number = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            yield Row(number, tuple(_clean(cell) for cell in cells))
    except csv.Error as error:
        raise DomainError("tableau.guillemets", ligne=number + 1) from error


def _sniff(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most columns; semicolons win a tie."""
    head = text[:20_000].splitlines()[:TITLE_LINES]

    def columns(delimiter: str) -> int:
        try:
            return max((len(cells) for cells in csv.reader(head, delimiter=delimiter)), default=0)
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=columns)


def _xlsx_lines(content: bytes) -> Iterator[Row]:
    errors = check_workbook(content)
    try:
        lines = _first_sheet(content, errors)
    except BaseException as error:
        # A fault inside the library, written in Rust, is no Exception and has no name to import.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise DomainError("tableau.format") from error
        raise
    for number, cells in enumerate(lines, start=1):
        yield Row(number, tuple(_typed(cell) for cell in cells))


def _first_sheet(content: bytes, errors: Mapping[str, Errors]) -> Sequence[Sequence[object]]:
    """Return the cells of the first visible sheet, from A1; nothing when every sheet is hidden.

    A failed formula says so: the library reads an empty cell, which would pass for a missing answer.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for sheet in book.sheets_metadata:
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
                found = book.get_sheet_by_name(sheet.name)
                lines = found.to_python(skip_empty_area=False)
                for (line, column), text in errors.get(sheet.name, {}).items():
                    if line < len(lines) and column < len(lines[line]):
                        lines[line][column] = text
                return _unmerge(lines, found.merged_cell_ranges or [])
    return []


def _unmerge(lines: list[list[Any]], ranges: Iterable[tuple[Place, Place]]) -> list[list[Any]]:
    """Repeat down its column the value of a cell merged over several lines, in those that hold something."""
    filled = [any(cell not in ("", None) for cell in line) for line in lines]
    left = MAX_AREA  # cells looked at: the ranges of a forged workbook may overlap without end
    for (top, column), (bottom, last) in ranges:
        bottom = min(bottom, len(lines) - 1)
        left -= max(0, bottom - top)
        if left < 0:
            break
        if column != last or bottom <= top or column >= len(lines[top]):
            continue
        for number in range(top + 1, bottom + 1):
            if filled[number]:
                lines[number][column] = lines[top][column]
    return lines


def _typed(value: object) -> Cell:
    """Return a cell of ours: midnight is a date, a whole float an integer, an empty text nothing."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time(0) else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, (bool, int, float, date)):
        return value
    return str(value)


def _clean(text: str) -> str | None:
    return without_controls(text.replace("\xa0", " ")).strip() or None


def _table(lines: Iterable[Row], max_rows: int, known: Known | None) -> Table:
    filled = (row for row in lines if any(cell is not None for cell in row.cells))
    top = list(islice(filled, TITLE_LINES))
    if not top:
        raise DomainError("tableau.vide")
    start = _title_line(top, known)
    rows: list[Row] = []
    for row in chain(top[start + 1 :], filled):
        if len(rows) == max_rows:
            raise DomainError("tableau.trop_de_lignes", limite=max_rows)
        if any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in row.cells):
            raise DomainError("tableau.cellule_trop_longue", ligne=row.number)
        rows.append(row)
    if _is_data(top[start]):
        raise DomainError("tableau.sans_entete")
    if not rows:
        raise DomainError("tableau.sans_ligne")
    return _shape(top[start], rows)


def _title_line(top: Sequence[Row], known: Known | None) -> int:
    """Return the index of the column titles: below lines of fewer cells, when a wider line follows.

    The line with the most known titles when it has two and is wider than all those above it; else the first
    line of several cells.
    """
    widths = [sum(cell is not None for cell in row.cells) for row in top]
    notes = [0 if known is None or _is_data(row) else known([str(c or "") for c in row.cells]) for row in top]
    best = notes.index(max(notes))
    if notes[best] > 1 and max(widths[:best], default=0) < widths[best]:
        return best
    return next((index for index, width in enumerate(widths) if width > 1), 0)


def _is_data(titles: Row) -> bool:
    """Tell whether what should be titles are values: a date anywhere, or figures in half of the cells."""
    cells = [cell for cell in titles.cells if cell is not None]
    figures = sum(not isinstance(cell, str) or bool(_FIGURES.fullmatch(cell)) for cell in cells)
    dates = any(isinstance(cell, date) or (isinstance(cell, str) and _DATE.fullmatch(cell)) for cell in cells)
    return dates or figures * 2 >= len(cells)


def _shape(titles: Row, rows: list[Row]) -> Table:
    """Name the columns that hold anything, each otherwise, and give each row one cell per column."""
    used = {place for row in (titles, *rows) for place, cell in enumerate(row.cells) if cell is not None}
    places = sorted(used)
    if len(places) > MAX_COLUMNS:
        raise DomainError("tableau.trop_de_colonnes", limite=MAX_COLUMNS)
    headers: dict[str, str] = {}  # by normalised name
    for place in places:
        header = _cell(titles, place)
        name = f"Colonne {column_letters(place + 1)}" if header is None else " ".join(str(header).split())
        if (normalise(name) or name) in headers:
            name = f"{name} (colonne {column_letters(place + 1)})"
        headers[normalise(name) or name] = name
    cells = (Row(row.number, tuple(_cell(row, place) for place in places)) for row in rows)
    return Table(tuple(headers.values()), tuple(cells))


def _cell(row: Row, place: int) -> Cell:
    return row.cells[place] if place < len(row.cells) else None
