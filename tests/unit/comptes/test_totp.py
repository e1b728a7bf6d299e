"""Time-based codes and recovery codes."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from portal.security.totp import (
    accepted_step,
    canonical_code,
    new_recovery_codes,
    new_secret,
    provisioning_uri,
    qr_svg,
)

NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("drift", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)], ids=str
)
def test_a_clock_may_be_one_step_off(drift: int, accepted: bool) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=drift))
    assert (accepted_step(secret, code, NOW, None) is not None) is accepted


def test_a_step_serves_once_and_no_earlier_one_after_it() -> None:
    secret = new_secret()
    code, before = (pyotp.TOTP(secret).at(NOW - timedelta(seconds=s)) for s in (0, 30))
    step = accepted_step(secret, code, NOW, None)
    assert step is not None
    assert accepted_step(secret, code, NOW, step) is None
    assert accepted_step(secret, before, NOW, step) is None


def test_the_known_vector_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert accepted_step(secret, "287082", datetime.fromtimestamp(59, UTC), None) == 1


def test_recovery_codes_are_ten_distinct_and_compared_without_their_hyphens() -> None:
    codes = new_recovery_codes()
    assert len({canonical_code(code) for code in codes}) == 10
    assert canonical_code(f" {codes[0].upper()}") == codes[0].replace("-", "")


def test_the_qr_code_is_a_self_contained_svg() -> None:
    svg = qr_svg(provisioning_uri(new_secret(), "claude@partenaire.example", "Portail SIAO"))
    assert svg.startswith(b"<?xml")
    assert b"<script" not in svg
    assert b"href" not in svg
    assert b"style=" not in svg
