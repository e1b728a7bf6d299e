"""Cursors come from the address: one that does not fit the list means its first page."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Date, Integer, String, column

from portal.shared.db import UtcDateTime
from portal.shared.pagination import LAST_PAGE, Cursor, usable

KEYS = (column("cle", Date), column("id", Integer))
DAY, INSTANT = date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ((DAY, 3), True),
        ((DAY,), False),
        ((DAY, "3"), False),
        ((DAY, 2**40), False),
        (("2026-01-02", 3), False),
        ((INSTANT, 3), False),
    ],
)
def test_a_cursor_of_another_list_means_the_first_page(values: tuple[Any, ...], fits: bool) -> None:
    cursor = Cursor.decode(Cursor(values).encode())
    assert usable(cursor, KEYS) == (Cursor(values) if fits else None)


def test_texts_and_instants_are_compared_to_their_own_kind() -> None:
    keys = (column("texte", String), column("quand", UtcDateTime))
    assert usable(Cursor(("abbé", INSTANT)), keys) is not None
    assert usable(Cursor(("a\0", INSTANT)), keys) is None
    assert usable(Cursor(("abbé", datetime(2026, 1, 2))), keys) is None
    assert usable(Cursor(("abbé", DAY)), keys) is None


def test_the_ends_of_a_list_fit_every_list() -> None:
    assert usable(LAST_PAGE, KEYS) is LAST_PAGE
    assert usable(None, KEYS) is None
