"""Dates as people write them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shared.dates import EARLIEST, LATEST, parse_date
from portal.shared.errors import DomainError

DAY = date(2022, 12, 12)
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
)


@pytest.mark.parametrize(
    "written",
    [
        "12/12/2022",
        " 12/12/2022 ",
        "12-12-2022",
        "12.12.22",
        "12 12 2022",
        "12 / 12 / 2022",
        "12/12/2022 00:00:00",
        "2022-12-12",
        "2022/12/12",
        "2022-12-12 00:00:00",
        "2022-12-12T08:30:00Z",
        "12 décembre 2022",
        "12 DÉCEMBRE 2022",
        "12 déc. 2022",
        "12-déc-22",
        "lundi 12 décembre 2022",
        "le 12 décembre 2022",
        "44907",
        44907,
        44907.0,
        DAY,
        datetime(2022, 12, 12, 15, 0),
    ],
    ids=repr,
)
def test_ways_of_writing_one_day(written: object) -> None:
    assert parse_date(written) == DAY


@pytest.mark.parametrize("written", [None, "", "   "], ids=repr)
def test_nothing_is_no_date(written: object) -> None:
    assert parse_date(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "31/02/2023",
        "29/02/2023",
        "12/31/2026",
        "00/01/2024",
        "32/01/2024",
        "à voir",
        "2026",
        "12/2026",
        "12 ju 2022",
        "12 jui 2022",
        "12 truc 2022",
        "ref 12 mai 2022",
        "1/1/20222",
        "１２/１２/2022x",
        True,
        float("inf"),
        float("nan"),
        10**12,
        ["12/12/2022"],
    ],
    ids=repr,
)
def test_what_is_no_day_of_the_calendar_is_refused(written: object) -> None:
    with pytest.raises(DomainError) as refused:
        parse_date(written, "date_effet")
    assert (refused.value.code, refused.value.field) == ("date_invalide", "date_effet")


@pytest.mark.parametrize(
    "written", ["12/12/1922", "01/01/2101", "31/12/1989", "1900-01-01", 12, date(1900, 1, 1)], ids=repr
)
def test_a_date_out_of_bounds_is_refused(written: object) -> None:
    with pytest.raises(DomainError, match="date_absurde"):
        parse_date(written)


def test_the_first_of_a_month() -> None:
    assert parse_date("1er janvier 2023") == date(2023, 1, 1)
    assert parse_date("1er juil. 2023") == date(2023, 7, 1)


@given(st.dates(EARLIEST, LATEST))
def test_every_day_is_read_back_from_each_way_of_writing_it(day: date) -> None:
    words = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    serial = (day - date(1899, 12, 30)).days
    for written in (day.isoformat(), f"{day:%d/%m/%Y}", f"{day:%d-%m-%Y}", f"{day:%d.%m.%Y}", words, serial):
        assert parse_date(written) == day


@given(st.one_of(st.text(), st.from_regex(r"[\d/. -]{1,12}"), st.floats(), st.integers()))
def test_anything_is_read_or_refused_never_worse(written: object) -> None:
    try:
        day = parse_date(written)
    except DomainError as error:
        if error.code not in {"date_invalide", "date_absurde"}:
            raise
    else:
        assert day is None or EARLIEST <= day <= LATEST
