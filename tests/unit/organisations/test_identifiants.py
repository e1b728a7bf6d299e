"""Numbers as people type them (issue B: checked keys, La Poste's exception)."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from portal.organisations.identifiants import read_finess, read_phone, read_siren, read_siret, siren_of
from portal.shared.errors import DomainError
from portal.shared.messages import text_of

DIGITS = "0123456789"


def with_key(stem: str) -> str:
    return stem + luhn.calc_check_digit(stem)


def refusal(read, text: str) -> str:
    with pytest.raises(DomainError) as caught:
        read(text)
    assert text_of(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    "typed",
    [
        "732829320",
        "732 829 320",
        " 732.829.320 ",
        "732\u00a0829\u202f320",
        "732-829-320",
        "７３２８２９３２０",
    ],
)
def test_siren_is_read_however_it_is_typed(typed):
    assert read_siren(typed) == "732829320"


@pytest.mark.parametrize("typed", ["", "73282932", "7328293200", "73282932O", "٧٣٢٨٢٩٣٢٠"])
def test_siren_of_another_shape_is_refused(typed):
    assert refusal(read_siren, typed) == "organisations.siren_forme"


@pytest.mark.parametrize("typed", ["732829321", "000000000"])
def test_siren_with_a_wrong_key_is_refused(typed):
    assert refusal(read_siren, typed) == "organisations.siren_cle"


def test_siret_gives_its_siren():
    assert read_siret("732 829 320 00074") == "73282932000074"
    assert siren_of("73282932000074") == "732829320"


def test_siret_with_a_wrong_key_is_refused_on_the_field_given():
    with pytest.raises(DomainError) as caught:
        read_siret("73282932000075", "siret_structure")
    assert (caught.value.code, caught.value.field) == ("organisations.siret_cle", "siret_structure")


@pytest.mark.parametrize("typed", ["", "732829320", "2,601E+13", "732829320000741"])
def test_siret_of_another_shape_is_refused(typed):
    assert refusal(read_siret, typed) == "organisations.siret_forme"


def test_siret_whose_siren_has_a_wrong_key_is_refused():
    number = with_key("7328293210007")  # the key of the whole is right, that of the SIREN is not
    assert refusal(read_siret, number) == "organisations.siret_cle"


def test_siret_of_nobody_is_refused():
    assert refusal(read_siret, "0" * 14) == "organisations.siret_cle"


def test_la_poste_counts_by_five_save_its_head_office():
    assert read_siret("356 000 000 00048") == "35600000000048"  # head office: ordinary key
    assert not luhn.is_valid("35600000009075")
    assert read_siret("35600000009075") == "35600000009075"  # digits sum to 35
    assert refusal(read_siret, "35600000009076") == "organisations.siret_cle"


@given(st.text(DIGITS, min_size=8, max_size=8).filter(lambda stem: stem != "0" * 8), st.integers(0, 8))
def test_one_wrong_digit_in_a_siren_is_always_caught(stem, position):
    number = with_key(stem)
    assert read_siren(number) == number
    other = str((int(number[position]) + 1) % 10)
    changed = number[:position] + other + number[position + 1 :]
    assert refusal(read_siren, changed) == "organisations.siren_cle"


@pytest.mark.parametrize("number", ["010000024", "970102018", "980600027", "2A0000014", "2b0000020"])
def test_finess_is_read(number):
    assert read_finess(f" {number[:2]} {number[2:]} ") == number.upper()


@pytest.mark.parametrize("typed", ["", "10000024", "2C0000014", "0100000245", "01000002A"])
def test_finess_of_another_shape_is_refused(typed):
    assert refusal(read_finess, typed) == "organisations.finess_forme"


def test_finess_with_a_wrong_key_is_refused():
    assert refusal(read_finess, "010000025") == "organisations.finess_cle"


@given(st.text(max_size=30))
def test_whatever_is_typed_gives_a_number_or_a_refusal(text):
    for read in (read_siren, read_siret, read_finess):
        with suppress(DomainError):
            assert read(text).isalnum()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0296000000", "02 96 00 00 00"),
        ("02.96.00.00.00", "02 96 00 00 00"),
        ("+33 (0)2 96 00 00 00", "02 96 00 00 00"),
        ("0033296000000", "02 96 00 00 00"),
        ("0692 12 34 56", "06 92 12 34 56"),
        ("115", "115"),
        ("+687 25 00 00", "+687250000"),
    ],
)
def test_phone_numbers_are_shown_by_pairs(typed, shown):
    assert read_phone(typed) == shown


@pytest.mark.parametrize("typed", ["", "296000000", "02 96 00 00", "02 96 00 00 00 ou 01", "poste 12"])
def test_something_else_than_a_phone_number_is_refused(typed):
    assert refusal(read_phone, typed) == "organisations.telephone"
