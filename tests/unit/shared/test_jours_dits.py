"""Dates in words, as French says them."""

from datetime import UTC, date, datetime

import pytest

from portal.shared.jours_dits import instant_dit, jour_dit


@pytest.mark.parametrize(
    ("jour", "dit"),
    [
        (date(2026, 12, 1), "1er décembre 2026"),
        (date(2026, 8, 11), "11 août 2026"),
        (date(2026, 2, 21), "21 février 2026"),
    ],
)
def test_the_first_of_the_month_is_said_premier(jour: date, dit: str) -> None:
    assert jour_dit(jour) == dit
    assert jour_dit(jour, style="full").endswith(f" {dit}")
    assert "1er" not in jour_dit(jour, "en_GB")


def test_an_instant_is_said_where_it_is_read() -> None:
    soir = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert instant_dit(soir, "Europe/Paris") == "1er décembre 2026, 00:30"
    assert instant_dit(soir, "Europe/Paris", suite=" 'à' HH:mm") == "1er décembre 2026 à 00:30"
    assert instant_dit(soir, "America/Guadeloupe", locale="en_GB") == "30 November 2026, 19:30"
