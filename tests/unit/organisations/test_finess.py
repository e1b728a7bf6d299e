"""The FINESS extraction, as published and as it may come."""

import io
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.organisations.finess import Etablissement, LecteurFiness, LigneRefusee, clean, place
from portal.shared.errors import DomainError
from portal.shared.messages import text_of
from tests.finess import HEADER, line

SAMPLE = Path(__file__).parents[2] / "data" / "finess-extrait.csv"
SAMPLE_CATEGORIES = {"355", "223", "189", "462"}


def read(text: str | bytes, categories=("214",), departement=None):
    raw = text if isinstance(text, bytes) else (HEADER + text).encode()
    reader = LecteurFiness(io.BytesIO(raw), categories, departement)
    return list(reader), reader


def one(text: str | bytes) -> Etablissement:
    (record,), _ = read(text)
    assert isinstance(record, Etablissement), record
    return record


def refused(text: str | bytes) -> str:
    (record,), _ = read(text)
    assert isinstance(record, LigneRefusee), record
    assert text_of(record.erreur)
    return record.erreur.code


def test_the_seven_real_lines():
    with SAMPLE.open("rb") as file:
        reader = LecteurFiness(file, SAMPLE_CATEGORIES)
        records = list(reader)
    assert reader.extraite_le == date(2026, 5, 12)
    assert [(r.numero, r.departement_code, r.commune_code) for r in records] == [
        (2, "01", "01451"),
        (3, "977", "97701"),
        (4, "978", "97801"),
        (5, "972", "97207"),
        (6, "973", "97302"),
        (7, "976", "97606"),
        (8, "986", "98613"),
    ]
    assert all(r.anomalies == () for r in records)
    fleyriat, gustavia, *_, mavouna, sia = records
    assert fleyriat == Etablissement(
        numero=2,
        finess_et="010000024",
        finess_ej="010780054",
        nom="CENTRE HOSPITALIER DE BOURG-EN-BRESSE FLEYRIAT",
        adresse="900 route DE PARIS, 01440 VIRIAT",
        code_postal="01440",
        ville="VIRIAT",
        departement_code="01",
        commune_code="01451",
        telephone="04 74 45 46 47",
        categorie="355",
        categorie_libelle="Centre Hospitalier (C.H.)",
        siret="26010004500012",
        ouverte_le=date(1979, 2, 13),
        maj_le=date(2020, 2, 4),
    )
    assert gustavia.siret is None
    assert mavouna.nom == 'LIEU DE VIE ET D\'ACCUEIL "MAVOUNA MEMA 1"'
    assert sia.nom == "HOPITAL DE SIA"  # no long name: the short one


def test_what_is_not_of_our_field_is_counted_and_left():
    with SAMPLE.open("rb") as file:
        reader = LecteurFiness(file, {"214"})
        assert list(reader) == []
    assert (reader.lues, reader.hors_champ) == (7, 7)


def test_one_departement_is_kept_and_the_others_counted():
    records, reader = read(f"{line()}\n{line(f13='35')}\n", departement="22")
    assert [r.departement_code for r in records] == ["22"]
    assert reader.hors_departement == 1


def test_geolocalisation_lines_are_counted_and_left():
    records, reader = read(
        f"{line()}\ngeolocalisation;220000012;271000.1;6838000.2;1,ATLASANTE;2024-01-01\n\n"
    )
    assert len(records) == 1
    assert (reader.lues, reader.geolocalisations) == (2, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_both_encodings_are_read(encoding):
    text = HEADER + line(f4="FOYER « L'ÉTÉ » À PLOUËR") + "\r\n"
    assert one(text.encode(encoding)).nom == "FOYER « L'ÉTÉ » À PLOUËR"


def test_one_line_in_another_encoding_spoils_no_other():
    lines = [line(f4="FOYER ÉTÉ").encode("iso-8859-1"), line(f4="FOYER ÉTÉ").encode()]
    records, _ = read(HEADER.encode() + b"\n".join(lines))
    assert [r.nom for r in records] == ["FOYER ÉTÉ", "FOYER ÉTÉ"]


def test_typographic_dirt_is_cleaned():
    raw = HEADER.encode() + line(f4="L@ESCALE  \t DU\xa0  PORT ").encode("latin-1").replace(b"@", b"\x92")
    assert one(raw).nom == "L’ESCALE DU PORT"
    assert one(line(f4="E\u0301TAPE\u200b\u00ad\x07 NORD")).nom == "ÉTAPE NORD"


def test_quotes_in_the_middle_of_a_field_are_kept():
    assert one(line(f4='FOYER "LE PHARE"')).nom == 'FOYER "LE PHARE"'
    assert one(line(f4='"FOYER; ""LE PHARE"""')).nom == 'FOYER; "LE PHARE"'


def test_a_quote_left_open_costs_its_own_line_only():
    records, _ = read(f"{line(f4=chr(34) + 'FOYER')}\n{line()}\n")
    assert isinstance(records[0], LigneRefusee)
    assert records[0].numero == 2
    assert records[0].erreur.code == "organisations.finess_champs"
    assert isinstance(records[1], Etablissement)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (line()[:-1], "organisations.finess_champs"),
        (line() + ";", "organisations.finess_champs"),
        ("structureet;220000012", "organisations.finess_champs"),
        ("equipementsocial;220000012", "organisations.finess_ligne_inconnue"),
        (line(f1="22000012"), "organisations.finess_numero"),
        (line(f3="", f4=" "), "organisations.finess_nom"),
        (line(f13="9Z", f15=""), "organisations.finess_departement"),
        (line(f13=""), "organisations.finess_departement"),
        (line(f13="20"), "organisations.finess_departement"),
        (line(f4="X" * 40_000), "organisations.finess_ligne_longue"),
    ],
)
def test_a_broken_line_is_refused_with_its_reason(text, code):
    assert refused(text) == code


def test_a_line_that_is_too_long_does_not_hide_the_next():
    records, _ = read(f"{'x' * 100_000}\n{line()}\n")
    assert [type(r) for r in records] == [LigneRefusee, Etablissement]
    assert records[1].numero == 3


@pytest.mark.parametrize("raw", [b"", b"nom;ville\n", b"structureet;1\n", "finess;etalab\n".encode("utf-16")])
def test_another_file_is_refused_whole(raw):
    with pytest.raises(DomainError, match=r"organisations\.finess_fichier"):
        LecteurFiness(io.BytesIO(raw), {"214"})


def test_a_header_without_a_readable_date_is_accepted():
    assert LecteurFiness(io.BytesIO(b"FINESS;etalab\n"), {"214"}).extraite_le is None
    assert LecteurFiness(io.BytesIO(b"finess;etalab;1;hier\n"), {"214"}).extraite_le is None


@pytest.mark.parametrize(
    ("departement", "commune", "code_postal", "expected"),
    [
        ("01", "451", "", ("01", "01451")),
        ("1", "4", "", ("01", "01004")),
        ("2A", "004", "", ("2A", "2A004")),
        ("2b", "033", "", ("2B", "2B033")),
        ("75", "112", "75012", ("75", "75112")),
        ("9A", "105", "", ("971", "97105")),
        ("9A", "123", "", ("977", "97701")),
        ("9A", "127", "", ("978", "97801")),
        ("9B", "209", "", ("972", "97209")),
        ("9C", "302", "", ("973", "97302")),
        ("9D", "411", "", ("974", "97411")),
        ("9E", "502", "", ("975", "97502")),
        ("9F", "611", "", ("976", "97611")),
        ("9J", "613", "", ("986", "98613")),
        ("974", "411", "", ("974", "97411")),
        ("9K", "735", "98714", ("987", "98735")),
        ("22", "", "", ("22", None)),
        ("22", "ABC", "", ("22", None)),
    ],
)
def test_insee_codes_are_rebuilt(departement, commune, code_postal, expected):
    assert place(departement, commune, code_postal) == expected


def test_dates():
    assert one(line(f28="1900-01-01")).ouverte_le is None
    assert one(line(f28="")).ouverte_le is None
    assert one(line(f28="13/02/1979")).ouverte_le == date(1979, 2, 13)
    impossible = one(line(f28="2024-02-30", f30="demain"))
    assert (impossible.ouverte_le, impossible.maj_le) == (None, None)
    assert impossible.anomalies == ("ouverture", "mise_a_jour")


def test_a_wrong_siret_is_left_out_and_told():
    record = one(line(f22="73282932000075"))
    assert (record.siret, record.anomalies) == (None, ("siret",))


def test_a_wrong_legal_entity_is_left_out_and_told():
    record = one(line(f2="inconnue"))
    assert (record.finess_ej, record.anomalies) == (None, ("entite",))
    assert one(line(f2="")).finess_ej is None


def test_address_and_phone():
    record = one(line(f11="BP 12", f15="22023 ST BRIEUC CEDEX 1", f16="296000000"))
    assert record.adresse == "3 rue DU PORT, BP 12, 22023 ST BRIEUC"
    assert (record.code_postal, record.ville) == ("22023", "ST BRIEUC")
    assert record.telephone == "02 96 00 00 00"
    assert one(line(f15="ST BRIEUC", f16="voir le siège")).adresse == "3 rue DU PORT, ST BRIEUC"


@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20), min_size=3, max_size=3)
)
def test_names_survive_the_round_trip(names):
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    text = line(f3=quoted[0], f4=quoted[1], f9=quoted[2])
    records, _ = read(text)
    wanted = clean(names[1]) or clean(names[0])
    if wanted:
        assert records[0].nom == wanted
    else:
        assert records[0].erreur.code == "organisations.finess_nom"


@given(st.binary(max_size=600))
def test_any_bytes_give_records_or_refusals(raw):
    records, reader = read(HEADER.encode() + raw)
    assert all(isinstance(r, (Etablissement, LigneRefusee)) for r in records)
    assert reader.lues >= len(records)


def test_memory_stays_constant():
    class Endless(io.RawIOBase):
        """A file of many lines that exists nowhere."""

        def __init__(self, count):
            self.lines = iter([HEADER.encode()])
            self.count = count

        def readline(self, size=-1):
            for first in self.lines:
                return first
            self.count -= 1
            return (line(f18="355") + "\n").encode() if self.count >= 0 else b""

    reader = LecteurFiness(Endless(20_000), {"214"})
    tracemalloc.start()
    for _ in reader:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reader.hors_champ == 20_000
    assert peak < 1_000_000
