"""Signing in: nothing tells which accounts exist, guesses are slowed down, a code serves once."""

import time
from datetime import timedelta

import pyotp
import pytest
from cryptography.fernet import MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.comptes.connexion import (
    Issue,
    Outcome,
    check_second_factor,
    record_failure,
    record_sign_in,
    sign_in,
    use_code,
)
from portal.comptes.models import Adhesion, CodeSecours, TentativeConnexion
from portal.comptes.sessions import open_session
from portal.comptes.throttle import purge
from portal.config import Settings
from portal.security.tokens import token_hash
from portal.security.totp import canonical_code, new_recovery_codes
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.comptes import ADDRESS, PASSWORD


def attempt(
    session: Session, clock: FixedClock, settings: Settings, email: str, password: str, address: str = ADDRESS
) -> Outcome:
    outcome = sign_in(session, clock, settings, email, password, address)
    if outcome.failures:
        record_failure(session, clock, outcome)
        session.commit()
    return outcome


def test_the_right_password_opens(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    email = f"  {adhesion.personne.email.upper()} "
    outcome = attempt(session, clock, settings, email, PASSWORD)
    assert (outcome.issue, outcome.personne_id, outcome.error) == (Issue.OK, adhesion.personne_id, None)
    token = open_session(session, clock, adhesion.personne_id, "", second_factor=False)
    record_sign_in(session, clock, token)
    entry = session.scalars(select(EntreeJournal)).one()
    assert (entry.action, entry.personne_id) == ("comptes:connexion:ouvrir", adhesion.personne_id)


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    known = attempt(session, clock, settings, adhesion.personne.email, "pas le bon du tout")
    unknown = attempt(session, clock, settings, "personne@partenaire.example", "pas le bon du tout")
    assert known.issue is unknown.issue is Issue.REFUSED
    assert known.error is not None
    assert unknown.error is not None
    assert known.error.code == unknown.error.code
    stored = session.scalars(select(TentativeConnexion.cle)).all()
    assert len(stored) == 4
    assert not any("@" in key or "." in key for key in stored)
    journal = select(EntreeJournal.action, EntreeJournal.objet_id).order_by(EntreeJournal.id)
    assert session.execute(journal).all() == [
        ("comptes:connexion:refuser", adhesion.personne_id),
        ("comptes:connexion:refuser", None),
    ]


def test_the_time_taken_does_not_tell_whether_an_account_exists(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    spent: dict[str, list[float]] = {adhesion.personne.email: [], "personne@partenaire.example": []}
    for email in [
        *spent
    ] * 7:  # by turns, and in time of this process: what else the machine does is no matter
        start = time.process_time()
        sign_in(session, clock, settings, email, "pas le bon du tout", ADDRESS)
        spent[email].append(time.process_time() - start)
    known, unknown = (min(times) for times in spent.values())
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("email", ["claude.modele@partenaire.example", "personne@partenaire.example"])
def test_too_many_failures_of_one_account_make_it_wait_whether_it_exists_or_not(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion, email: str
) -> None:
    start = clock.instant
    for n in range(settings.login_attempts):
        clock.instant = start + timedelta(seconds=n)
        assert attempt(session, clock, settings, email, "faux", f"192.0.2.{n}").issue is Issue.REFUSED
    refused = attempt(session, clock, settings, email, PASSWORD)
    assert refused.issue is Issue.THROTTLED
    assert refused.wait == 15 * 60 - 9
    assert refused.error is not None
    assert refused.error.params == {"minutes": 15}
    clock.instant = start + timedelta(minutes=15)
    expected = Issue.OK if email == adhesion.personne.email else Issue.REFUSED
    assert attempt(session, clock, settings, email, PASSWORD).issue is expected


def test_too_many_failures_from_one_address_make_it_wait(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    settings = settings.model_copy(update={"login_attempts_per_address": 3})
    for n in range(3):
        attempt(session, clock, settings, f"p{n}@partenaire.example", "faux", f"2001:db8::{n}")
    right = (adhesion.personne.email, PASSWORD)
    assert attempt(session, clock, settings, *right, "2001:db8::ffff").issue is Issue.THROTTLED
    assert attempt(session, clock, settings, *right, "2001:db8:0:1::1").issue is Issue.OK
    assert attempt(session, clock, settings, *right, "::ffff:192.0.2.1").issue is Issue.OK


def test_success_forgets_the_failures_of_the_account(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    for _ in range(9):
        attempt(session, clock, settings, adhesion.personne.email, "faux")
    assert attempt(session, clock, settings, adhesion.personne.email, PASSWORD).issue is Issue.OK
    for _ in range(9):
        assert attempt(session, clock, settings, adhesion.personne.email, "faux").issue is Issue.REFUSED


def test_a_failure_is_counted_after_the_rollback(
    database: Database, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    with database.session(write=True) as request:
        outcome = sign_in(request, clock, settings, adhesion.personne.email, "faux", ADDRESS)
        request.rollback()
    with database.session(write=True) as fresh:
        record_failure(fresh, clock, outcome)
        fresh.commit()
    with database.session() as later:
        assert len(later.scalars(select(TentativeConnexion)).all()) == 2
        clock.instant += timedelta(minutes=15)
        purge(later, clock, settings)
        assert later.scalars(select(TentativeConnexion)).all() == []


def test_a_closed_account_is_told_so_to_who_has_its_password_only(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    adhesion.revoquee_le = clock.now()
    session.flush()
    assert attempt(session, clock, settings, adhesion.personne.email, PASSWORD).issue is Issue.NO_ACCESS
    assert attempt(session, clock, settings, adhesion.personne.email, "faux").issue is Issue.REFUSED
    adhesion.revoquee_le = None
    adhesion.personne.desactivee_le = clock.now()
    session.flush()
    assert attempt(session, clock, settings, adhesion.personne.email, PASSWORD).issue is Issue.NO_ACCESS


def test_an_account_without_a_password_is_refused(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    adhesion.personne.mot_de_passe = None
    session.flush()
    assert attempt(session, clock, settings, adhesion.personne.email, "").issue is Issue.REFUSED


def test_configuration_may_require_the_second_factor(
    session: Session, clock: FixedClock, settings: Settings, adhesion: Adhesion
) -> None:
    settings = settings.model_copy(update={"totp_required_profiles": "admin_technique, operateur_direction"})
    assert attempt(session, clock, settings, adhesion.personne.email, PASSWORD).issue is Issue.ENROLMENT
    adhesion.personne.totp_active_le = clock.now()
    session.flush()
    assert attempt(session, clock, settings, adhesion.personne.email, PASSWORD).issue is Issue.SECOND_FACTOR


@pytest.fixture
def secret(session: Session, clock: FixedClock, adhesion: Adhesion, cipher: MultiFernet) -> str:
    secret = pyotp.random_base32()
    adhesion.personne.totp_secret = cipher.encrypt(secret.encode())
    adhesion.personne.totp_active_le = clock.now()
    session.commit()
    return secret


def test_a_code_serves_once(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    adhesion: Adhesion,
    cipher: MultiFernet,
    secret: str,
) -> None:
    def check(typed: str) -> Issue:
        return check_second_factor(
            session, clock, settings, cipher, adhesion.personne_id, typed, ADDRESS
        ).issue

    code = pyotp.TOTP(secret).at(clock.now())
    assert check("123 456" if code != "123456" else "654 321") is Issue.CODE_REFUSED
    assert check("١٢٣٤٥٦") is Issue.CODE_REFUSED
    assert check(f" {code[:3]} {code[3:]} ") is Issue.OK
    assert check(code) is Issue.CODE_REFUSED
    clock.instant += timedelta(seconds=30)
    assert check(code) is Issue.CODE_REFUSED
    assert check(pyotp.TOTP(secret).at(clock.now())) is Issue.OK


def test_a_code_tried_twice_at_once_serves_once(
    database: Database, clock: FixedClock, adhesion: Adhesion, cipher: MultiFernet, secret: str
) -> None:
    code = pyotp.TOTP(secret).at(clock.now())
    with database.session() as slow:
        slow.get_one(Adhesion, adhesion.id)
        stale = slow.get_one(type(adhesion.personne), adhesion.personne_id)
        assert stale.totp_dernier_pas is None
        slow.commit()
        with database.session(write=True) as quick:
            assert use_code(quick, clock, cipher, adhesion.personne_id, code)
            quick.commit()
        assert not use_code(slow, clock, cipher, adhesion.personne_id, code)


def test_a_recovery_code_serves_once(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    adhesion: Adhesion,
    cipher: MultiFernet,
    secret: str,
) -> None:
    code = new_recovery_codes()[0]
    hashed = token_hash(canonical_code(code))
    session.add(CodeSecours(personne_id=adhesion.personne_id, code_hash=hashed))
    session.flush()
    arguments = (session, clock, settings, cipher, adhesion.personne_id, f" {code.upper()} ", ADDRESS)
    assert [check_second_factor(*arguments).issue for _ in range(2)] == [Issue.OK, Issue.CODE_REFUSED]
    assert "comptes:code_secours:utiliser" in session.scalars(select(EntreeJournal.action)).all()


def test_guessing_codes_is_slowed_down(
    session: Session,
    clock: FixedClock,
    settings: Settings,
    adhesion: Adhesion,
    cipher: MultiFernet,
    secret: str,
) -> None:
    issues = []
    for _ in range(6):
        outcome = check_second_factor(
            session, clock, settings, cipher, adhesion.personne_id, "abcdef", ADDRESS
        )
        record_failure(session, clock, outcome)
        issues.append(outcome.issue)
    assert issues == [Issue.CODE_REFUSED] * 5 + [Issue.THROTTLED]
