"""The natures that a cell names, as the tables of the field write them."""

import pytest

from portal.organisations.natures import read_toml
from portal.organisations.natures_ecrites import Lexique, cle

LEXIQUE = Lexique((row["code"], row["libelle"]) for row in read_toml("natures"))


@pytest.mark.parametrize(
    ("ecrit", "codes"),
    [
        ("CHU", "CHU"),
        ("résidences sociales", "RS"),
        ("Centre d’hébergement d’urgence (CHU)", "CHU"),
        ("pension de famille / maison relais", "PF"),
        ("PF-MR", "PF"),
        ("Résidence accueil", "RA"),
        ("RHVS", "RHVS"),
        ("LHSS, LAM, ACT", "LHSS LAM ACT"),
        ("CPH; CADA", "CPH CADA"),
        ("CHRS insertion + urgence", "CHRS_INS CHRS_URG"),
        ("CHRS (insertion + urgence)", "CHRS_INS CHRS_URG"),
        ("IML SL et MG", "IML_SL IML_MG"),
        ("IML location/sous-location", "IML_SL"),
        ("SAO/115", "SAO 115"),
        ("RS-FJT", "RS_FJT"),
        ("Foyer de jeunes travailleurs non transformé", "FJT_NT"),
    ],
)
def test_what_is_said_plainly_is_taken(ecrit: str, codes: str) -> None:
    lues = LEXIQUE.lire(ecrit)
    assert [lue.codes for lue in lues] == [(code,) for code in codes.split()]
    assert not any(lue.supposee for lue in lues)


@pytest.mark.parametrize(
    ("ecrit", "codes"),
    [
        ("FJT", ("RS_FJT", "FJT_NT")),
        ("CHRS", ("CHRS_INS", "CHRS_URG", "STAB_CHRS")),
        ("intermédiation locative", ("IML_SL", "IML_MG")),
        ("HU", ("CHU", "AUTRE_URG")),
        ("FTM", ("FTM_NT", "RS")),
    ],
)
def test_what_may_be_several_natures_says_which(ecrit: str, codes: tuple[str, ...]) -> None:
    (lue,) = LEXIQUE.lire(ecrit)
    assert lue.codes == codes


@pytest.mark.parametrize(
    ("ecrit", "code"), [("Résidances sociales", "RS"), ("pention de famile", "PF"), ("ACT éclatés", "ACT")]
)
def test_a_close_writing_is_taken_and_told(ecrit: str, code: str) -> None:
    (lue,) = LEXIQUE.lire(ecrit)
    assert (lue.codes[0], lue.supposee) == (code, True)


def test_an_unknown_writing_is_not_guessed() -> None:
    assert [lue.codes for lue in LEXIQUE.lire("château, hébergement")] == [(), ()]
    assert "CHU" in LEXIQUE.lire("hébergement")[0].voisins


def test_places_written_beside() -> None:
    lues = LEXIQUE.lire("CHRS 25 pl + CHU (12 places) et 40 RS, 115")
    assert [(lue.texte, lue.nombre) for lue in lues] == [("CHRS", 25), ("CHU", 12), ("RS", 40), ("115", None)]


def test_the_writings_are_those_of_natures_that_exist_and_said_once() -> None:
    codes = {row["code"] for row in read_toml("natures")}
    rows = read_toml("natures_ecrites")
    assert {code for row in rows for code in row["natures"]} <= codes
    textes = [(cle(texte), tuple(row["natures"])) for row in rows for texte in row["textes"]]
    assert len({ecrit for ecrit, _ in textes}) == len(set(textes))  # one writing, one meaning
