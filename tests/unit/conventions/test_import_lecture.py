"""Reading a département's own table: titles, cells, states, dates as people write them."""

from datetime import date
from typing import Any

import pytest

from portal.conventions.enums import Mode, Statut
from portal.conventions.import_suivi.colonnes import COLONNES as RECONNUES
from portal.conventions.import_suivi.colonnes import Champ
from portal.conventions.import_suivi.lecture import LigneLue, Regles, lire
from portal.documents.spreadsheets import Row
from portal.organisations.natures import read_toml
from portal.organisations.natures_ecrites import Lexique
from portal.shared.errors import DomainError

LEXIQUE = Lexique((row["code"], row["libelle"]) for row in read_toml("natures"))
REGLES = Regles(
    LEXIQUE,
    date(2026, 3, 2),
    48,
    date(2026, 12, 31),
)
COLONNES = {champ: index for index, champ in enumerate(Champ)}


def ligne(**cellules: Any) -> LigneLue:
    valeurs = {"operateur": "Association Fictive"} | cellules
    return lire(Row(7, tuple(valeurs.get(champ.value) for champ in Champ)), COLONNES, REGLES)


def codes(lue: LigneLue) -> list[tuple[str, str]]:
    return [(e.champ.value if e.champ else "", e.code.rpartition(".")[2]) for e in lue.erreurs]


@pytest.mark.parametrize(
    ("entetes", "attendues"),
    [
        (
            ("Opérateur", "SIAO", "Date de signature", "Fin de la convention"),
            {Champ.OPERATEUR: 0, Champ.SIAO: 1, Champ.SIGNATURE: 2, Champ.FIN: 3},
        ),
        (
            (
                "N°",
                "Nom du gestionnaire",
                "N° SIREN",
                "État d’avancement",
                "Prise d’effet",
                "Échéance convention",
            ),
            {Champ.OPERATEUR: 1, Champ.SIREN: 2, Champ.ETAT: 3, Champ.EFFET: 4, Champ.FIN: 5},
        ),
        (
            (
                "ASSOCIATION",
                "Type de dispositif",
                "Nb places",
                "Signature prévue",
                "Signature",
                "Observations",
            ),
            {
                Champ.OPERATEUR: 0,
                Champ.NATURES: 1,
                Champ.PLACES: 2,
                Champ.DATE_CIBLE: 3,
                Champ.SIGNATURE: 4,
                Champ.NOTES: 5,
            },
        ),
        (("a", "b"), {}),
    ],
)
def test_titles_are_recognised(entetes: tuple[str, ...], attendues: dict[Champ, int]) -> None:
    assert RECONNUES.deviner(entetes) == attendues


def test_a_matching_is_checked() -> None:
    entetes = ("a", "b")
    for colonnes, code in (
        ({Champ.SIAO: 0}, "import_operateur_colonne"),
        ({Champ.OPERATEUR: 2}, "tableau.colonne"),
        ({Champ.OPERATEUR: 0, Champ.SIAO: 0}, "tableau.colonne_double"),
    ):
        with pytest.raises(DomainError, match=f"{code}$"):
            RECONNUES.verifier(colonnes, entetes)


@pytest.mark.parametrize("ecrite", ["12/12/2022", "2022-12-12", date(2022, 12, 12), 44907, "12.12.22"])
def test_dates_as_people_write_them(ecrite: Any) -> None:
    """S0: signed 12/12/2022, ends 12/12/2026."""
    lue = ligne(date_signature=ecrite)
    assert (lue.statut, lue.erreurs) == (Statut.SIGNEE, [])
    assert (lue.date_signature, lue.date_effet, lue.date_fin) == (
        date(2022, 12, 12),
        date(2022, 12, 12),
        date(2026, 12, 12),
    )
    assert [a.champ for a in lue.avertissements] == [Champ.EFFET, Champ.FIN]


@pytest.mark.parametrize(
    ("cellules", "erreurs"),
    [
        ({"date_signature": "31/02/2024"}, [("date_signature", "date_invalide")]),
        ({"date_signature": "12/12/1822"}, [("date_signature", "date_absurde")]),
        ({"date_signature": "03/03/2026"}, [("date_signature", "signature_future")]),
        (
            {"date_signature": "01/01/2024", "date_fin": "31/12/2023"},
            [("date_fin", "fin_avant_effet")],
        ),
        ({"etat": "Signée"}, [("date_signature", "import_signee_sans_date")]),
        (
            {"etat": "En négociation", "date_signature": "01/01/2024"},
            [("date_signature", "import_signature_contraire")],
        ),
        ({"etat": "Suspendue"}, [("etat", "import_etat_portail")]),
        ({"natures": "RS, château"}, [("natures", "nature_inconnue")]),
        ({"natures": "RS, CHU, PF", "places": "40 + 12"}, [("places", "import_places_natures")]),
        ({"natures": "RS", "places": "beaucoup"}, [("places", "import_places_nombre")]),
        ({"natures": "RS", "places": -3}, [("places", "import_places_nombre")]),
        ({"natures": "RS", "places": "000000000" * 2 + "1000000"}, [("places", "import_places_nombre")]),
        ({"natures": "RS", "places": "=cmd|' /C calc'!A0"}, [("places", "import_places_nombre")]),
        ({"mode": "au hasard"}, [("mode", "import_mode_inconnu")]),
        ({"siren": "123456789"}, [("siren", "siren_cle")]),
        ({"operateur": "  "}, [("operateur", "obligatoire")]),
        ({"operateur": " =cmd|' /C calc'!A0"}, [("operateur", "import_operateur_formule")]),
        ({"operateur": "Fédération " * 20}, [("operateur", "import_operateur_long")]),
    ],
)
def test_each_error_stands_at_its_column(cellules: dict[str, Any], erreurs: list[tuple[str, str]]) -> None:
    assert codes(ligne(**cellules)) == erreurs


def test_a_full_line() -> None:
    lue = ligne(
        siren="732 829 320",
        natures="Résidence sociale + CHU",
        places="40 + 12",
        mode="Gré à gré",
        etat="En cours",
        date_cible="30/09/2026",
        notes="=cmd|' /C calc'!A0",
    )
    assert lue.erreurs == []
    assert (lue.siren, lue.natures, lue.mode) == ("732829320", {"RS": 40, "CHU": 12}, Mode.GRE_A_GRE)
    assert (lue.statut, lue.date_cible) == (Statut.EN_NEGOCIATION, date(2026, 9, 30))
    assert lue.notes == "=cmd|' /C calc'!A0"  # a text, and it says so; exports neutralise it
    assert [(un.champ, un.code) for un in lue.avertissements] == [
        (Champ.NOTES, "conventions.import_notes_formule")
    ]


def test_a_label_with_a_comma_and_numbers_of_a_workbook() -> None:
    lue = ligne(natures="CHRS, insertion", places=25.0, siren=732829320.0)
    assert (lue.erreurs, lue.natures, lue.siren) == ([], {"CHRS_INS": 25}, "732829320")


def test_effect_before_signature_is_kept_and_told() -> None:
    lue = ligne(date_signature="01/03/2024", date_effet="01/01/2024", date_fin="31/12/2027")
    assert (lue.erreurs, [a.code for a in lue.avertissements]) == ([], ["conventions.import_effet_avant"])


@pytest.mark.parametrize(
    ("ecrite", "attendue"),
    [
        ("juin 2026", date(2026, 6, 30)),
        ("T3 2026", date(2026, 9, 30)),
        ("2e trimestre 2026", date(2026, 6, 30)),
        ("fin 2026", date(2026, 12, 31)),
        ("06/2026", date(2026, 6, 30)),
        (2026, date(2026, 12, 31)),
        ("1er semestre 2026", date(2026, 6, 30)),
    ],
)
def test_a_target_may_be_a_period_a_signature_may_not(ecrite: Any, attendue: date) -> None:
    cible = ligne(date_cible=ecrite)
    assert (cible.date_cible, cible.erreurs) == (attendue, [])
    assert [a.code for a in cible.avertissements] == ["conventions.import_date_de_periode"]
    assert codes(ligne(date_signature=ecrite)) == [("date_signature", "import_date_sans_jour")]


@pytest.mark.parametrize("ecrite", ["-", "NC", "à définir", "/", "?"])
def test_a_dash_or_nc_says_nothing(ecrite: str) -> None:
    vides = {champ.value: ecrite for champ in Champ if champ is not Champ.OPERATEUR}
    assert ligne(**vides).erreurs == []
    assert codes(ligne(operateur=ecrite)) == [("operateur", "obligatoire")]


def test_a_date_within_words_and_a_period_in_one_cell() -> None:
    lue = ligne(date_signature="signée le 12/12/2022")
    assert lue.date_signature == date(2022, 12, 12)
    lue = ligne(date_effet="du 01/01/2024 au 31/12/2027", date_signature="oui")
    assert (lue.statut, lue.date_effet, lue.date_fin) == (
        Statut.SIGNEE,
        date(2024, 1, 1),
        date(2027, 12, 31),
    )


@pytest.mark.parametrize(
    ("etat", "statut"),
    [
        ("Signé", Statut.SIGNEE),
        ("en cours", Statut.EN_NEGOCIATION),
        ("À relancer", Statut.EN_NEGOCIATION),
        ("En attente de signature", Statut.EN_SIGNATURE),
        ("non signée", Statut.A_ENGAGER),
    ],
)
def test_states_as_people_write_them(etat: str, statut: Statut) -> None:
    assert ligne(etat=etat).statut is statut


def test_an_unknown_state_is_kept_in_the_notes_and_asked_about() -> None:
    lue = ligne(etat="vu le 3", notes="Note")
    assert (lue.statut, lue.notes, lue.erreurs) == (Statut.A_ENGAGER, "Note\nvu le 3", [])
    assert [(q.champ, q.ecrit, q.pris) for q in lue.questions] == [(Champ.ETAT, "vu le 3", "")]


def test_one_number_for_several_natures_is_kept_in_the_notes() -> None:
    lue = ligne(natures="CHU + RS", places="52 places")
    assert (lue.natures, lue.notes, lue.erreurs) == ({"CHU": None, "RS": None}, "Places : 52", [])


def test_a_total_is_no_convention() -> None:
    assert ligne(operateur="TOTAL GÉNÉRAL").ignoree
    assert not ligne(operateur="Total Habitat Fictif").ignoree
