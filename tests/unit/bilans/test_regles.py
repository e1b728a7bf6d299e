"""When bilans are asked for (domaine.md §§ 4.5, 5.2)."""

from datetime import date
from itertools import islice

import pytest

from portal.conventions.bilans import regles
from portal.conventions.bilans.enums import Situation

EFFET, FIN = date(2022, 12, 12), date(2026, 12, 12)


@pytest.mark.parametrize(
    ("jour", "rang", "du", "au", "echeance"),
    [
        (date(2023, 12, 12), 1, date(2022, 12, 12), date(2023, 12, 11), date(2024, 2, 10)),
        (date(2024, 12, 11), 1, date(2022, 12, 12), date(2023, 12, 11), date(2024, 2, 10)),
        (date(2025, 12, 12), 3, date(2024, 12, 12), date(2025, 12, 11), date(2026, 2, 10)),
        (date(2026, 9, 11), 3, date(2024, 12, 12), date(2025, 12, 11), date(2026, 2, 10)),
        (date(2026, 9, 12), 0, EFFET, FIN, FIN),
        (date(2026, 12, 12), 0, EFFET, FIN, FIN),
    ],
)
def test_the_bilan_of_a_day(jour: date, rang: int, du: date, au: date, echeance: date) -> None:
    demande = regles.demande_du_jour(EFFET, FIN, jour)
    assert demande is not None
    assert (demande.rang, demande.du, demande.au, demande.echeance) == (rang, du, au, echeance)


@pytest.mark.parametrize("jour", [date(2022, 12, 11), date(2023, 12, 11), date(2026, 12, 13)])
def test_none_before_the_first_period_is_over_nor_after_the_end(jour: date) -> None:
    assert regles.demande_du_jour(EFFET, FIN, jour) is None


def premieres(effet: date, rythme: regles.Rythme, nombre: int) -> list[tuple[int, date, date, date]]:
    suite = islice(regles.periodes(effet, rythme), nombre)
    return [(une.rang, une.du, une.au, une.demande_le) for une in suite]


def test_periods_follow_the_frequency_and_short_months() -> None:
    assert premieres(date(2024, 8, 31), regles.Rythme(6), 2) == [
        (1, date(2024, 8, 31), date(2025, 2, 27), date(2025, 2, 28)),
        (2, date(2025, 2, 28), date(2025, 8, 30), date(2025, 8, 31)),
    ]


def test_an_avenant_that_spaces_bilans_out_leaves_no_period_without_one() -> None:
    """Twelve months after six, said at the twentieth month: the period under way goes on to its twelfth."""
    assert premieres(date(2023, 1, 1), regles.Rythme(6, ((date(2024, 9, 1), 12),)), 5)[2:] == [
        (3, date(2024, 1, 1), date(2024, 6, 30), date(2024, 7, 1)),
        (4, date(2024, 7, 1), date(2025, 6, 30), date(2025, 7, 1)),
        (5, date(2025, 7, 1), date(2026, 6, 30), date(2026, 7, 1)),
    ]


def test_an_avenant_that_brings_them_closer_asks_at_once_for_what_has_gone_by() -> None:
    """Six months after twelve, said at the twentieth month: eight have gone by since the last bilan."""
    assert premieres(date(2023, 1, 1), regles.Rythme(12, ((date(2024, 9, 1), 6),)), 3) == [
        (1, date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1)),
        (2, date(2024, 1, 1), date(2024, 6, 30), date(2024, 9, 1)),
        (3, date(2024, 7, 1), date(2024, 12, 31), date(2025, 1, 1)),
    ]


def test_a_period_over_on_the_eve_of_an_avenant_is_not_asked_for_twice() -> None:
    assert premieres(date(2023, 1, 1), regles.Rythme(6, ((date(2023, 7, 1), 12),)), 2) == [
        (1, date(2023, 1, 1), date(2023, 6, 30), date(2023, 7, 1)),
        (2, date(2023, 7, 1), date(2024, 6, 30), date(2024, 7, 1)),
    ]


def test_the_next_one_is_said_until_the_last() -> None:
    assert regles.prochaine(EFFET, FIN, date(2026, 3, 2)) == regles.final(EFFET, FIN)
    suivante = regles.prochaine(EFFET, FIN, date(2024, 3, 2))
    assert suivante is not None
    assert suivante.demande_le == date(2024, 12, 12)
    assert regles.prochaine(EFFET, FIN, date(2026, 9, 12)) is None


def test_a_bilan_is_missing_from_the_day_after_it_was_due() -> None:
    for jour, attendue in ((FIN, Situation.ATTENDU), (date(2026, 12, 13), Situation.MANQUANT)):
        assert regles.situation(rendu=False, echeance=FIN, jour=jour) is attendue
    assert regles.situation(rendu=True, echeance=FIN, jour=date(2030, 1, 1)) is Situation.RENDU
