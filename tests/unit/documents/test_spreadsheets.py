"""Reading the tables people have: what is read, and what is refused with a message of its own."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.documents.spreadsheets import MAX_ROWS, read_table
from portal.documents.workbooks import MAX_AREA, column_letters
from portal.shared.errors import DomainError
from portal.shared.translations import translate_error

TEXT = "Opérateur;SIAO;Échéance\r\nL’Étoile – Cœur;SIAO 92;12/12/2026\r\n;;\r\nÀ deux mains;SIAO 75;\r\n"
HEADERS = ("Opérateur", "SIAO", "Échéance")


def workbook(
    *rows: list[Any], title: str = "Suivi", prepare: Callable[[Workbook], None] | None = None
) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if prepare:
        prepare(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def refused(content: bytes, name: str = "suivi.csv") -> str:
    with pytest.raises(DomainError) as error:
        read_table(content, name)
    assert "%(" not in translate_error(error.value)  # its message has all that it needs
    return error.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_a_csv_is_read_however_it_was_saved(encoding: str, delimiter: str) -> None:
    table = read_table(TEXT.replace(";", delimiter).encode(encoding), "suivi.csv")
    assert table.headers == HEADERS
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("L’Étoile – Cœur", "SIAO 92", "12/12/2026")),
        (4, ("À deux mains", "SIAO 75", None)),
    ]


def test_what_nobody_sees_in_a_cell_is_left_out() -> None:
    rows = read_table(
        workbook(list(HEADERS), ["L’Étoile_x001F_", "SIAO_x000B_92", "\u2028"]), "suivi.xlsx"
    ).rows
    assert [row.cells for row in rows] == [("L’Étoile", "SIAO\n92", None)]


def test_a_csv_of_iso_8859_1_is_read() -> None:
    table = read_table("Opérateur;Début\nÀ deux mains;12/12/2022\n".encode("iso-8859-1"), "suivi.csv")
    assert table.rows[0].cells == ("À deux mains", "12/12/2022")


def test_quotes_newlines_and_delimiters_within_cells() -> None:
    table = read_table(b'sep=;\r\nNom;Notes\r\n"A; ""B""";"un\r\ndeux"\r\nC;d\r\n', "a.csv")
    assert [row.cells for row in table.rows] == [('A; "B"', "un\ndeux"), ("C", "d")]
    assert [row.number for row in table.rows] == [2, 3]


def test_titles_above_and_empty_columns_are_set_aside() -> None:
    table = read_table(b"Suivi des CTP\n\nNom;;SIAO;\nA;;75;note\n", "a.csv")
    assert table.headers == ("Nom", "SIAO", "Colonne D")
    assert table.rows[0].cells == ("A", "75", "note")
    assert table.rows[0].number == 4


def test_a_title_met_twice_is_told_apart() -> None:
    table = read_table(b"Nom;Date;DATE;date\nA;1;2;3\n", "a.csv")
    assert table.headers == ("Nom", "Date", "DATE (colonne C)", "date (colonne D)")


def test_known_titles_are_found_below_lines_of_several_cells() -> None:
    lines = b"Suivi;2026;;\nMis a jour;le;12 mars;\nNom;SIAO;Date;Fin\nA;75;x;y\n"
    titles = {"Nom", "SIAO", "Date", "Fin"}
    table = read_table(lines, "a.csv", known=lambda texts: len(titles.intersection(texts)))
    assert (table.headers, [row.number for row in table.rows]) == (("Nom", "SIAO", "Date", "Fin"), [4])
    others = read_table(b"Qui;Quoi\nNom;Date\n", "a.csv", known=lambda texts: len(titles.intersection(texts)))
    assert others.headers == ("Qui", "Quoi")  # a line of values is no wider than its titles


def test_a_cell_merged_over_several_lines_counts_for_each() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("A2:A4")
        book.active.merge_cells("A1:B1")

    table = read_table(
        workbook(
            ["Nom", None, "SIAO"],
            ["A", 1, "75"],
            [None, 2, "92"],
            [None, None, None],
            ["B", 3, "22"],
            prepare=merge,
        ),
        "a.xlsx",
    )
    assert [row.cells for row in table.rows] == [("A", 1, "75"), ("A", 2, "92"), ("B", 3, "22")]


def test_a_column_alone_is_a_table() -> None:
    assert read_table(b"Nom\nA\nB\n", "a.csv").headers == ("Nom",)


def test_an_xlsx_gives_real_dates_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "suivi.xlsx"
    path.write_bytes(
        workbook(
            ["Suivi"],
            [],
            ["Opérateur", "Effet", "Places", "Vu", "=1+1"],
            ["A", date(2022, 12, 12), 12, datetime(2022, 12, 12, 8, 30), None],
            ["B", "12/12/2022", 1.5, True, "x"],
        )
    )
    table = read_table(path, path.name)
    assert table.headers[:4] == ("Opérateur", "Effet", "Places", "Vu")
    assert table.rows[0].cells[:4] == ("A", date(2022, 12, 12), 12, datetime(2022, 12, 12, 8, 30))
    assert table.rows[1].cells[:4] == ("B", "12/12/2022", 1.5, True)
    assert [row.number for row in table.rows] == [4, 5]


def test_the_first_visible_sheet_is_read() -> None:
    def hide_first(book: Workbook) -> None:
        book.worksheets[0].sheet_state = "hidden"
        book.create_sheet("Vue").append(["Nom", "SIAO"])
        book["Vue"].append(["A", "75"])

    assert read_table(workbook(["Secret"], ["x"], prepare=hide_first), "a.xlsx").headers == ("Nom", "SIAO")


BAD_FILES = [
    ("empty", b"", "tableau.vide"),
    ("blank", b" \r\n\r\n", "tableau.vide"),
    ("only delimiters", b";;\r\n;;\r\n", "tableau.vide"),
    ("mac roman", "Opérateur;SIAO\nA;é\n".encode("mac-roman"), "tableau.encodage"),
    ("dos", "Opérateur;SIAO\nA;éèê\n".encode("cp850"), "tableau.encodage"),
    ("two encodings", "Opérateur;SIAO\n".encode() + "À;é\n".encode("cp1252"), "tableau.encodage"),
    ("utf-16 without mark", "Nom;SIAO\nA;B\n".encode("utf-16-le"), "tableau.format"),
    ("half utf-16", b"\xff\xfeA", "tableau.encodage"),
    ("pdf", b"%PDF-1.7\n\x00\x01\x02", "tableau.format"),
    ("bytes", bytes(range(256)), "tableau.format"),
    ("old excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "tableau.ancien_format"),
    ("no titles: dates", b"12/12/2022;A;75\n13/12/2022;B;92\n", "tableau.sans_entete"),
    ("no titles: figures", b"12;45;A\n13;46;B\n", "tableau.sans_entete"),
    ("titles alone", b"Nom;SIAO\n", "tableau.sans_ligne"),
    ("too many rows", b"Nom;SIAO\n" + b"A;75\n" * (MAX_ROWS + 1), "tableau.trop_de_lignes"),
    (
        "too many columns",
        b";".join(b"c%d" % n for n in range(201)) + b"\n" + b";".join([b"x"] * 201),
        "tableau.trop_de_colonnes",
    ),
    ("long cell", b"Nom;SIAO\nA;" + b"x" * 40_000 + b"\n", "tableau.cellule_trop_longue"),
    ("open quotes", b'Nom;SIAO\n"A;75\nB;92\n', "tableau.guillemets"),
    ("cut zip", b"PK\x03\x04 et puis rien", "fichier.archive_abimee"),
]


@pytest.mark.parametrize(
    ("content", "code"), [bad[1:] for bad in BAD_FILES], ids=[bad[0] for bad in BAD_FILES]
)
def test_each_bad_file_has_its_message(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_file_of_another_kind_is_refused() -> None:
    assert refused(b"Nom;SIAO\nA;75\n", "photo.png") == "tableau.format"


def test_as_many_rows_as_allowed_are_read() -> None:
    assert len(read_table(b"Nom;SIAO\n" + b"A;75\n" * MAX_ROWS, "a.csv").rows) == MAX_ROWS
    content = workbook(["Nom", "SIAO"], *(["A", n] for n in range(MAX_ROWS + 1)))
    assert refused(content, "a.xlsx") == "tableau.trop_de_lignes"


def rewrite(content: bytes, part: str, new: bytes, **options: Any) -> bytes:
    """Return the workbook with one part replaced."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as target,
    ):
        for name in source.namelist():
            target.writestr(name, new if name == part else source.read(name))
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = workbook(["Nom", "SIAO"], ["A", "75"])


def sheet_xml(body: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{body}</sheetData></worksheet>"
    ).encode()


def test_a_zip_bomb_is_refused() -> None:
    bomb = rewrite(PLAIN, SHEET, sheet_xml(" " * 80_000_000))
    assert len(bomb) < 200_000
    assert refused(bomb, "a.xlsx") == "fichier.bombe"
    smaller = rewrite(
        PLAIN, SHEET, sheet_xml(" " * 20_000_000)
    )  # under the limit of size, over that of ratio
    assert refused(smaller, "a.xlsx") == "fichier.bombe"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = bytearray(rewrite(PLAIN, SHEET, sheet_xml(" " * 20_000_000)))
    place = bomb.rindex(SHEET.encode()) - 46  # its entry in the central directory
    assert bomb[place : place + 4] == b"PK\x01\x02"
    bomb[place + 24 : place + 28] = struct.pack("<I", 1000)
    assert refused(bytes(bomb), "a.xlsx") == "fichier.bombe"


def test_two_cells_far_apart_are_refused() -> None:
    cell = '<c r="{}" t="inlineStr"><is><t>x</t></is></c>'
    far = sheet_xml(f'<row r="1">{cell.format("A1")}</row><row r="1048576">{cell.format("XFD1048576")}</row>')
    assert refused(rewrite(PLAIN, SHEET, far), "a.xlsx") == "tableau.trop_etendu"
    styled = sheet_xml(
        f'<row r="1">{cell.format("A1")}</row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    assert (
        refused(rewrite(PLAIN, SHEET, styled), "a.xlsx") == "tableau.sans_ligne"
    )  # no value there: no matter


def test_one_long_text_named_everywhere_is_refused() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write_string(0, 0, "x")
    texts = f"<sst><si><t>{'x' * 30_000}</t></si></sst>".encode()
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 5000))
    content = rewrite(rewrite(buffer.getvalue(), "xl/sharedStrings.xml", texts), SHEET, sheet_xml(cells))
    assert refused(content, "a.xlsx") == "fichier.bombe"


@pytest.mark.parametrize(
    ("part", "new", "code"),
    [
        (SHEET, b"<worksheet><sheetData>", "tableau.format"),
        (SHEET, b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>', "tableau.format"),
        (SHEET, sheet_xml('<row r="1"><c r="??"><v>1</v></c></row>'), "tableau.format"),
        (SHEET, sheet_xml('<row r="un"><c><v>1</v></c></row>'), "tableau.format"),
        (SHEET, sheet_xml(""), "tableau.vide"),
        ("xl/workbook.xml", b"<workbook/>", "tableau.vide"),
    ],
    ids=str,
)
def test_a_damaged_workbook_is_refused(part: str, new: bytes, code: str) -> None:
    assert refused(rewrite(PLAIN, part, new), "a.xlsx") == code


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("content.xml", "<a/>")
    assert refused(buffer.getvalue(), "a.xlsx") == "tableau.format"


def test_a_protected_entry_is_said_to_be_protected() -> None:
    content = bytearray(PLAIN)
    place = content.rindex(SHEET.encode()) - 46
    content[place + 8] |= 1
    assert refused(bytes(content), "a.xlsx") == "fichier.archive_protegee"


def test_letters_of_columns() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 52, 703, 16384)] == ["A", "Z", "AA", "AZ", "AAA", "XFD"]
    assert MAX_AREA > MAX_ROWS * 100


@given(st.one_of(st.binary(), st.text().map(str.encode), st.binary().map(lambda b: PLAIN[: len(b) * 30] + b)))
def test_anything_is_read_or_refused_never_worse(content: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        try:
            table = read_table(content, name)
        except DomainError as error:
            assert translate_error(error)  # noqa: PT017  (both outcomes are right)
        else:
            assert all(len(row.cells) == len(table.headers) for row in table.rows)


def test_a_failed_formula_is_read_as_it_shows() -> None:
    """The library gives an empty cell; the line would pass for one where nothing was written."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("Masquée").hide()
        sheet = book.add_worksheet("Suivi d’été")
        sheet.activate()
        sheet.write_row(0, 0, ["Opérateur", "SIAO", "Fin"])
        sheet.write(1, 0, "Association")
        sheet.write_formula(1, 1, "=VLOOKUP(A2,Z:Z,1,0)", None, "#N/A")
        sheet.write_formula(1, 2, "=A9+#REF!", None, "#REF!")
    [row] = read_table(buffer.getvalue(), "suivi.xlsx").rows
    assert row.cells == ("Association", "#N/A", "#REF!")
