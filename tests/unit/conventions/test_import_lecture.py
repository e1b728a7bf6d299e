"""Reading a département's own table: titles, cells, states, dates as people write them."""

from datetime import date
from typing import Any

import pytest

from portal.conventions.enums import Mode, Statut
from portal.conventions.import_suivi.colonnes import Champ, deviner, verifier
from portal.conventions.import_suivi.lecture import LigneLue, Regles, lire
from portal.documents.spreadsheets import Row
from portal.shared.errors import DomainError

REGLES = Regles(
    {"rs": "RS", "residence sociale": "RS", "chu": "CHU", "chrs insertion": "CHRS_INS", "pf": "PF"},
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
    assert deviner(entetes) == attendues


def test_a_matching_is_checked() -> None:
    entetes = ("a", "b")
    for colonnes, code in (
        ({Champ.SIAO: 0}, "import_operateur_colonne"),
        ({Champ.OPERATEUR: 2}, "import_colonne"),
        ({Champ.OPERATEUR: 0, Champ.SIAO: 0}, "import_colonne_double"),
    ):
        with pytest.raises(DomainError, match=f"{code}$"):
            verifier(colonnes, entetes)


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
        ({"etat": "peut-être"}, [("etat", "import_etat_inconnu")]),
        ({"natures": "RS, château"}, [("natures", "nature_inconnue")]),
        ({"natures": "RS, CHU", "places": "40"}, [("places", "import_places_natures")]),
        ({"natures": "RS", "places": "beaucoup"}, [("places", "import_places_nombre")]),
        ({"natures": "RS", "places": -3}, [("places", "import_places_nombre")]),
        ({"mode": "au hasard"}, [("mode", "import_mode_inconnu")]),
        ({"siren": "123456789"}, [("siren", "siren_cle")]),
        ({"operateur": "  "}, [("operateur", "obligatoire")]),
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
    assert lue.notes == "=cmd|' /C calc'!A0"  # a text; exports neutralise it


def test_a_label_with_a_comma_and_numbers_of_a_workbook() -> None:
    lue = ligne(natures="CHRS, insertion", places=25.0, siren=732829320.0)
    assert (lue.erreurs, lue.natures, lue.siren) == ([], {"CHRS_INS": 25}, "732829320")


def test_effect_before_signature_is_kept_and_told() -> None:
    lue = ligne(date_signature="01/03/2024", date_effet="01/01/2024", date_fin="31/12/2027")
    assert (lue.erreurs, [a.code for a in lue.avertissements]) == ([], ["conventions.import_effet_avant"])
