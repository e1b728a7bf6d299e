"""Pure rules of what follows a session."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.commissions.enums_dossiers import StatutPrescription as S
from portal.commissions.suites_seance import regles

ECHEANCE = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("echeance", "rappelee", "jour", "attendu"),
    [
        (ECHEANCE, None, date(2026, 3, 12), False),
        (ECHEANCE, None, date(2026, 3, 13), True),
        (ECHEANCE, date(2026, 3, 13), date(2026, 3, 26), False),
        (ECHEANCE, date(2026, 3, 13), date(2026, 3, 27), True),
    ],
)
def test_the_bearer_is_reminded_from_a_week_before_then_every_two_weeks(
    echeance: date, rappelee: date | None, jour: date, attendu: bool
) -> None:
    assert regles.a_rappeler(echeance, rappelee, jour, avant=7, entre=14) is attendu


@pytest.mark.parametrize(
    ("zone", "attendu"),
    [
        ("Europe/Paris", date(2026, 4, 1)),
        ("America/Martinique", date(2026, 3, 31)),
        ("Indian/Reunion", date(2026, 4, 1)),
    ],
)
def test_the_delay_of_an_appeal_counts_the_days_of_the_place(zone: str, attendu: date) -> None:
    told = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # the evening before in Martinique
    assert regles.dernier_jour(told, 30, zone) == attendu


def test_another_formation_or_an_enlarged_one() -> None:
    f = regles.Fonction
    etat, siao, bailleur, autre_agent = f(1, 10), f(2, 20), f(3, 30), f(4, 10)
    premiere = {etat, siao}

    def distincte(*examen: regles.Fonction, autre: bool = False) -> bool:
        return regles.formation_distincte(premiere, examen, autre_commission=autre)

    assert not distincte(etat, siao)
    assert not distincte(etat), "a smaller one is the same"
    assert not distincte(etat, siao, autre_agent), "the same organisations"
    assert distincte(etat, siao, bailleur)
    assert not distincte(etat, siao, autre=True), "the same people under another name"
    assert distincte(autre_agent, autre=True)
    assert distincte(autre=True), "not convened yet"


def test_a_bearer_answers_for_what_it_does_and_the_secretariat_for_the_rest() -> None:
    assert regles.suites(S.A_FAIRE, secretariat=False) == (S.FAIT, S.REFUSE)
    assert S.ANNULE in regles.suites(S.A_FAIRE, secretariat=True)
    assert regles.suites(S.ANNULE, secretariat=False) == ()
    assert regles.suites(S.SANS_NOUVELLES, secretariat=False) == (S.A_FAIRE, S.FAIT, S.REFUSE)


@pytest.mark.parametrize(
    ("n", "total", "attendu"),
    [
        (0, 0, False),
        (0, 12, False),
        (4, 12, True),
        (5, 12, False),
        (9, 12, True),
        (12, 12, False),
        (0, 4, True),
    ],
)
def test_under_five_households_a_share_is_masked_and_so_is_what_is_left(
    n: int, total: int, attendu: bool
) -> None:
    assert regles.masquee(n, total) is attendu


def test_nothing_to_measure_is_never_zero() -> None:
    assert regles.Mesure("K2", 0, 0).sans_objet
    assert regles.Mesure("K2", 0, 0).taux is None
    assert regles.Mesure("K2", 0, 8).taux == 0
    assert regles.mediane([]) is None
    assert regles.mediane([3, 9, 40]) == 9


def test_a_decision_is_carried_out_when_each_prescription_is_within_three_months() -> None:
    prise = date(2026, 1, 31)
    limite = date(2026, 4, 30)
    assert regles.executee_a_temps(prise, [(S.FAIT, limite), (S.ANNULE, limite)])
    assert not regles.executee_a_temps(prise, [(S.FAIT, limite + timedelta(days=1))])
    assert not regles.executee_a_temps(prise, [(S.FAIT, limite), (S.A_FAIRE, prise)])
    assert not regles.executee_a_temps(prise, [(S.ANNULE, prise)]), "nothing stands"
