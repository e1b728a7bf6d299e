"""The arithmetic of « Progression vers 2026 »."""

from datetime import date

import pytest

from portal.conventions.trajectoire import JOURS_PAR_MOIS, rythme, trajectoire

JOUR = date(2026, 3, 2)


def test_pace_is_the_mean_of_the_last_six_full_months_and_of_the_one_under_way() -> None:
    par_mois = {date(2025, 8, 1): 100, date(2025, 9, 1): 4, date(2026, 2, 1): 8, date(2026, 3, 1): 3}
    assert rythme(par_mois, JOUR) == pytest.approx(15 / (183 / JOURS_PAR_MOIS))  # 1 September to 2 March
    assert rythme(par_mois, date(2026, 3, 31)) == pytest.approx(15 / (212 / JOURS_PAR_MOIS))


def test_needed_pace_and_projection() -> None:
    par_mois = {date(2024, 5, 1): 20, date(2025, 9, 1): 6, date(2026, 2, 1): 6}
    vers_2026 = trajectoire(par_mois, 62, JOUR)
    restants = 304 / JOURS_PAR_MOIS  # days from 2 March to 31 December 2026
    assert (vers_2026.signees, vers_2026.reste) == (32, 30)
    assert vers_2026.mois_restants == pytest.approx(restants)
    pace = 12 / (183 / JOURS_PAR_MOIS)
    assert (vers_2026.observe_depuis, vers_2026.rythme_actuel) == (date(2025, 9, 1), pytest.approx(pace))
    assert vers_2026.rythme_necessaire == pytest.approx(30 / restants)
    assert vers_2026.projection == pytest.approx(32 + pace * restants)
    assert vers_2026.tenue is False
    assert vers_2026.achevement == date(2027, 6, 2)  # 15 months later


def test_the_curve_runs_from_2022_to_the_deadline() -> None:
    points = trajectoire({date(2021, 6, 1): 3, date(2022, 1, 1): 2, date(2026, 3, 1): 1}, 10, JOUR).points
    assert (points[0].mois, points[0].realise, points[0].projete) == (date(2022, 1, 1), 5, None)
    assert (points[-1].mois, points[-1].realise) == (date(2026, 12, 1), None)
    assert points[-1].necessaire == pytest.approx(10)
    courant = next(point for point in points if point.mois == date(2026, 3, 1))
    assert (courant.realise, courant.necessaire, courant.projete) == (6, 6, 6)


def test_projection_never_passes_what_is_planned() -> None:
    vers_2026 = trajectoire({date(2026, 1, 1): 60}, 70, JOUR)
    assert vers_2026.projection == 70
    assert vers_2026.tenue is True


def test_nothing_planned() -> None:
    vers_2026 = trajectoire({}, 0, JOUR)
    assert (vers_2026.reste, vers_2026.rythme_necessaire, vers_2026.tenue) == (0, 0, True)
    assert vers_2026.achevement is None


@pytest.mark.parametrize("jour", [date(2026, 12, 31), date(2027, 5, 4)])
def test_on_the_deadline_and_past_it_no_pace_can_be_needed(jour: date) -> None:
    vers_2026 = trajectoire({date(2026, 10, 1): 6}, 10, jour)
    assert (vers_2026.rythme_necessaire, vers_2026.projection, vers_2026.tenue) == (None, None, None)
    assert vers_2026.points[-1].realise == 6
    assert vers_2026.points[-1].mois == jour.replace(day=1)
