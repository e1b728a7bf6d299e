"""Exports open in other programs, typed, and run no formula."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.documents.exports import neutralise, to_csv, to_xlsx
from portal.documents.spreadsheets import read_table

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADERS = ("Opérateur", "Échéance", "Places", "Taux", "Vue le", "Notes")
ROWS = [
    ("L’Étoile", date(2026, 12, 31), 12, Decimal("0.5"), datetime(2026, 3, 2, 10, 30), "un; deux\ntrois"),
    ("=cmd|' /C calc'!A0", None, -3, 1.25, None, True),
]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "\xa0=1"]


def test_a_csv_is_read_back_by_another_reader() -> None:
    content = b"".join(to_csv(HEADERS, ROWS))
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert lines == [
        list(HEADERS),
        ["L’Étoile", "31/12/2026", "12", "0,5", "02/03/2026 10:30", "un; deux\ntrois"],
        ["'=cmd|' /C calc'!A0", "", "-3", "1,25", "", "oui"],
    ]


def test_a_long_csv_comes_by_pieces() -> None:
    pieces = list(to_csv(("a",), ((n,) for n in range(1200))))
    assert len(pieces) == 3
    assert b"".join(pieces).count(b"\r\n") == 1201


def test_an_xlsx_is_read_back_by_another_program() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(HEADERS, ROWS, title="Suivi: [CTP]", created=NOW)))
    sheet = book["Suivi CTP"]
    assert [cell.value for cell in sheet[1]] == list(HEADERS)
    assert sheet["B2"].value == datetime(2026, 12, 31)
    assert sheet["B2"].number_format == "dd/mm/yyyy"
    assert [sheet[place].value for place in ("C2", "D2", "E2", "F3")] == [
        12,
        0.5,
        datetime(2026, 3, 2, 10, 30),
        True,
    ]
    assert sheet["A3"].value == "'=cmd|' /C calc'!A0"
    assert sheet["A3"].data_type == "s"
    assert sheet["B3"].value is None
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F3"
    assert book.properties.created == NOW.replace(tzinfo=None)


def test_an_xlsx_comes_back_through_our_own_reader() -> None:
    table = read_table(to_xlsx(HEADERS, ROWS, created=NOW), "export.xlsx")
    assert table.headers == HEADERS
    assert table.rows[0].cells == (
        "L’Étoile",
        date(2026, 12, 31),
        12,
        0.5,
        datetime(2026, 3, 2, 10, 30),
        "un; deux\ntrois",
    )


def test_an_export_without_a_line_still_has_its_titles() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(HEADERS, [], created=NOW)))
    assert [cell.value for cell in book.worksheets[0][1]] == list(HEADERS)
    assert b"".join(to_csv(("=a",), [])) == "\ufeff'=a\r\n".encode()


def test_a_text_longer_than_a_cell_is_cut_rather_than_lost() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(("a",), [("x" * 40_000,)], created=NOW)))
    assert len(str(book.worksheets[0]["A2"].value)) == 32_767


@pytest.mark.parametrize("text", DANGEROUS, ids=repr)
def test_no_text_begins_a_formula(text: str) -> None:
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "12-12", "'=1", "é"], ids=repr)
def test_an_innocent_text_is_left_alone(text: str) -> None:
    assert neutralise(text) == text


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=50))
def test_any_text_is_written_and_read_back(text: str) -> None:
    cell = load_workbook(io.BytesIO(to_xlsx(("a",), [(text,)], created=NOW))).worksheets[0]["A2"]
    assert cell.data_type in {"s", "n", "inlineStr"}
    assert (cell.value or "") in {text, "'" + text}
    assert not str(cell.value or "").startswith(("=", "+", "-", "@"))
