"""Tables for spreadsheets, which can run no formula that somebody typed in a text.

Texts beginning with = + - @ (after blanks too), a tab or a carriage return get an apostrophe in front; dates
and numbers keep their type.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal

Value = str | int | float | Decimal | bool | date | datetime | None

BATCH = 500  # rows joined into one piece of a CSV answer
MAX_TEXT = 32_767  # characters in a cell, the limit of spreadsheets
MAX_WIDTH, MIN_WIDTH = 48, 10  # characters shown

_STARTS = ("=", "+", "-", "@")


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    if text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(_STARTS):
        return "'" + text
    return text


def _header(text: str) -> str:
    """Return the name of a column as one types it to find it, without unbreakable spaces."""
    return neutralise(text.replace("\N{NO-BREAK SPACE}", " "))


def to_csv(headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """Yield a CSV file by pieces, as French spreadsheets open it.

    UTF-8 with its mark, semicolons, decimal commas, dates as jour/mois/année. Datetimes are written as they
    are given: convert them to the reader's zone.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([_header(header) for header in headers])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_text(value) for value in row])
        if number % BATCH == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def to_xlsx(
    headers: Sequence[str], rows: Iterable[Sequence[Value]], *, title: str = "Export", created: datetime
) -> bytes:
    """Return an XLSX workbook of one sheet: header frozen and filtered, real dates and numbers.

    `title` names the sheet; `created` is the instant written in its properties.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = Workbook(buffer, options)
    workbook.set_properties({"title": title, "created": created})
    bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    day = workbook.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
    instant = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"})
    sheet = workbook.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 0)
    for column, header in enumerate(headers):
        sheet.set_column(column, column, min(max(len(header) + 4, MIN_WIDTH), MAX_WIDTH))
        sheet.write_string(0, column, _header(header), bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(last, column, value.replace(tzinfo=None), instant)
            elif isinstance(value, date):
                sheet.write_datetime(last, column, datetime.combine(value, time()), day)
            elif isinstance(value, bool):
                sheet.write_boolean(last, column, value)
            elif isinstance(value, (int, float, Decimal)):
                sheet.write_number(last, column, float(value))
            elif value is not None:
                sheet.write_string(last, column, neutralise(value)[:MAX_TEXT])
    if headers:
        sheet.autofilter(0, 0, last, len(headers) - 1)
    workbook.close()
    return buffer.getvalue()


def _text(value: Value) -> str:
    if isinstance(value, str):
        return neutralise(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value).replace(".", ",")


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _sheet_name(title: str) -> str:
    """Return a name that spreadsheets accept: 31 characters, none of []:*?/\\ nor a quote at an end."""
    kept = "".join(" " if char in "[]:*?/\\" else char for char in title)
    return " ".join(kept.split())[:31].strip("' ") or "Export"
