"""Holidays, working days, rhythms, quorum, presets: rules without database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.commissions.enums import Dossiers, Qualite, Quorum, Rythme
from portal.commissions.feries import ferie, feries, moins_jours_ouvres, ouvre, ouvre_suivant
from portal.commissions.nomenclatures import decisions, prereglages, prescriptions
from portal.commissions.regles import Assis, a_convoquer_avant, occurrences, quorum_atteint
from portal.commissions.saisie import commission_values, du_prereglage, visio_lisible
from portal.shared.errors import DomainErrors

PREREGLAGES = (
    "CUO", "LABELLISATION", "RECEVABILITE", "REGULATION", "PLATEFORME", "COSI", "COPIL", "ADMISSION",
    "SITUATIONS_BLOQUEES", "ORIENTATION", "SUIVI_TRIM", "SUIVI_SEM", "STRATEGIQUE",
)  # fmt: skip


def test_the_holidays_of_a_year_are_those_of_the_law() -> None:
    assert [jour.isoformat() for jour in feries(2026, "37")] == [
        "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14",
        "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("jour", "departement", "nom"),
    [
        (date(2026, 12, 20), "974", "Abolition de l’esclavage"),
        (date(2026, 12, 20), "37", ""),
        (date(2026, 5, 22), "972", "Abolition de l’esclavage"),
        (date(2026, 4, 27), "976", "Abolition de l’esclavage"),
        (date(2026, 4, 3), "67", "Vendredi saint"),
        (date(2026, 4, 3), "69", ""),
        (date(2026, 12, 26), "57", "Saint-Étienne"),
        (date(2024, 5, 9), "92", "Ascension"),
    ],
)
def test_overseas_and_local_law_have_their_own(jour: date, departement: str, nom: str) -> None:
    assert ferie(jour, departement) == nom


def test_working_days_leave_out_week_ends_and_holidays() -> None:
    # Five working days before Tuesday 17 November 2026: 16, 13, 12, 10, 9 – the 11th is a holiday.
    assert moins_jours_ouvres(date(2026, 11, 17), 5, "37") == date(2026, 11, 9)
    assert a_convoquer_avant(date(2026, 11, 17), 0, "37") == date(2026, 11, 17)
    assert ouvre_suivant(date(2026, 5, 1), "37") == date(2026, 5, 4)
    assert not ouvre(date(2026, 11, 21), "37")


def test_every_three_weeks_with_a_holiday_moved_alone() -> None:
    found = occurrences(date(2026, 9, 9), Rythme.SEMAINES, 3, 5, "37")
    assert [one.jour for one in found] == [
        date(2026, 9, 9),
        date(2026, 9, 30),
        date(2026, 10, 21),
        date(2026, 11, 12),  # 11 November, then back to the rhythm
        date(2026, 12, 2),
    ]
    assert [one.ferie for one in found if one.deplacee] == ["Armistice de 1918"]


def test_a_month_keeps_its_weekday_even_without_a_fifth_one() -> None:
    found = occurrences(date(2026, 3, 31), Rythme.MOIS, 1, 3, "37")
    assert [one.jour for one in found] == [date(2026, 3, 31), date(2026, 4, 28), date(2026, 5, 26)]
    second = occurrences(date(2026, 1, 13), Rythme.MOIS, 2, 3, "37")
    assert [one.jour for one in second] == [date(2026, 1, 13), date(2026, 3, 10), date(2026, 5, 12)]


@given(
    depart=st.dates(date(2025, 1, 1), date(2030, 12, 31)),
    rythme=st.sampled_from(Rythme),
    nombre=st.integers(1, 12),
    combien=st.integers(1, 20),
    departement=st.sampled_from(["37", "67", "974"]),
)
def test_occurrences_go_forward_and_never_fall_on_a_holiday_by_themselves(
    depart: date, rythme: Rythme, nombre: int, combien: int, departement: str
) -> None:
    found = occurrences(depart, rythme, nombre, combien, departement)
    assert found[0].jour == depart
    jours = [one.prevu for one in found]
    assert jours == sorted(set(jours))
    assert not any(ferie(one.jour, departement) for one in found[1:])
    assert {one.prevu.weekday() for one in found} == {depart.weekday()}


@pytest.mark.parametrize(
    ("quorum", "viennent", "atteint"),
    [
        (Quorum.AUCUN, (), True),
        (Quorum.CHAQUE_COLLEGE, (1, 3), True),
        (Quorum.CHAQUE_COLLEGE, (1, 2), False),
        (Quorum.MOITIE, (1, 2), True),
        (Quorum.MOITIE, (1,), False),
        (Quorum.PRESIDENCE, (4,), True),
        (Quorum.PRESIDENCE, (1, 2, 3), False),
    ],
)
def test_quorum(quorum: Quorum, viennent: tuple[int, ...], atteint: bool) -> None:
    sieges = [
        Assis(1, 10, False, 1 in viennent),
        Assis(2, 10, False, 2 in viennent),
        Assis(3, 20, False, 3 in viennent),
        Assis(4, None, True, 4 in viennent),
    ]
    assert quorum_atteint(quorum, sieges, [10, 20]) is atteint


def test_every_preset_of_the_field_is_there_and_may_be_opened_as_it_is() -> None:
    assert tuple(prereglages()) == PREREGLAGES
    for one in prereglages().values():
        values = commission_values(du_prereglage(one))
        assert values["quorum"] is Quorum.AUCUN, "no source imposes one"
        assert one.presidents in (1, 2)
        assert len({college.nom for college in one.colleges}) == len(one.colleges) >= 2
        assert set(values["decisions"]) <= set(decisions())
        assert set(values["prescriptions"]) <= set(prescriptions())


def test_what_sets_the_presets_apart() -> None:
    known = prereglages()
    assert known["CUO"].presidents == 2
    assert (known["CUO"].valeurs["rythme"], known["CUO"].valeurs["rythme_nombre"]) == ("semaines", 3)
    assert len(known["CUO"].colleges) == 3
    assert known["LABELLISATION"].valeurs["recours"]
    assert known["COSI"].valeurs["menage"] == "membre"
    assert {code for code, one in known.items() if one.valeurs["dossiers"] != "nominatifs"} == {
        "SUIVI_TRIM", "SUIVI_SEM", "STRATEGIQUE",
    }  # fmt: skip


def test_nominative_dossiers_always_take_the_agreement_of_the_household() -> None:
    cuo = prereglages()["CUO"]
    with pytest.raises(DomainErrors) as refused:
        commission_values(du_prereglage(cuo, autorisation="aucune"))
    assert [error.code for error in refused.value.errors] == ["commissions.accord"]
    with pytest.raises(DomainErrors) as refused:
        commission_values(du_prereglage(cuo, dossiers=Dossiers.AUCUN.value, nom="", rythme_nombre=99))
    assert {error.field for error in refused.value.errors} == {"releve", "nom", "rythme_nombre"}


@pytest.mark.parametrize(
    ("adresse", "lisible"),
    [
        ("", True),
        ("https://visio.example/salle", True),
        ("http://visio.example/salle", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://visio.example/a b", False),
        ("https://[x", False),
    ],
)
def test_a_video_link_is_a_page_read_encrypted(adresse: str, lisible: bool) -> None:
    assert visio_lisible(adresse) is lisible


def test_a_seat_has_a_quality() -> None:
    assert {one.value for one in Qualite} == {"presidence", "secretariat", "membre", "invite"}
