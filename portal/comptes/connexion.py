"""Signing in: password, second factor, slowed-down guesses, and no way to learn which accounts exist."""

from dataclasses import dataclass
from enum import Enum
from math import ceil

from cryptography.fernet import MultiFernet
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import sessions, throttle
from portal.comptes.models import Adhesion, CodeSecours, Personne
from portal.comptes.saisie import normalise_email
from portal.config import Settings
from portal.security.passwords import check_password
from portal.security.policy import Actor
from portal.security.tokens import token_hash
from portal.security.totp import accepted_step, canonical_code
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

CODES_PER_WINDOW = 5  # wrong second-factor codes allowed per person and per window


class Issue(Enum):
    """How an attempt ended."""

    OK = "ok"
    SECOND_FACTOR = "second_factor"  # the password is right, the code is awaited
    ENROLMENT = "enrolment"  # the password is right, a profile requires a second factor that is not set up
    NO_ACCESS = "no_access"  # the password is right, the account is closed or has no membership left
    REFUSED = "refused"
    CODE_REFUSED = "code_refused"
    PRESENT_REFUSED = "present_refused"  # of someone already signed in
    THROTTLED = "throttled"


@dataclass(frozen=True)
class Outcome:
    """An attempt's end. `wait`: seconds, when THROTTLED; `failures`: keys to count, when refused."""

    issue: Issue
    personne_id: int | None = None
    wait: int = 0
    failures: tuple[str, ...] = ()

    @property
    def error(self) -> DomainError | None:
        """What to say, None when there is nothing to say."""
        minutes = ceil(self.wait / 60)
        return {
            Issue.REFUSED: DomainError("comptes.identifiants_refuses"),
            Issue.CODE_REFUSED: DomainError("comptes.code_refuse", "code"),
            Issue.PRESENT_REFUSED: DomainError("comptes.mot_de_passe_refuse", "actuel"),
            Issue.NO_ACCESS: DomainError("comptes.sans_acces"),
            Issue.THROTTLED: DomainError("comptes.trop_d_essais", minutes=minutes),
        }.get(self.issue)


def sign_in(
    session: Session, clock: Clock, settings: Settings, email: str, password: str, address: str
) -> Outcome:
    """Check an e-mail and a password given from a network address.

    The work done, hence the time taken, is the same whether or not the account exists. The caller opens
    a session (`sessions.open_session`, `second_factor=False`) for OK, SECOND_FACTOR and ENROLMENT, and
    calls `record_failure` in a fresh transaction for REFUSED.
    """
    email = normalise_email(email)
    account = throttle.account_key(settings, email)
    place = throttle.address_key(settings, address)
    limits = [(account, settings.login_attempts), (place, settings.login_attempts_per_address)]
    wait = throttle.wait_seconds(session, clock, settings, limits)
    if wait:
        return Outcome(Issue.THROTTLED, wait=wait)
    personne = session.scalar(select(Personne).where(Personne.email == email))
    if not check_password(password, personne.mot_de_passe if personne else None) or personne is None:
        return Outcome(Issue.REFUSED, personne.id if personne else None, failures=(account, place))
    throttle.forget(session, [account])
    return Outcome(after_password(session, settings, personne.id), personne.id)


def after_password(session: Session, settings: Settings, personne_id: int) -> Issue:
    """Tell what comes next for someone whose password is right: NO_ACCESS, SECOND_FACTOR, ENROLMENT or OK."""
    personne = session.get_one(Personne, personne_id)
    profils = session.scalars(
        select(Adhesion.profil).where(Adhesion.personne_id == personne_id, Adhesion.revoquee_le.is_(None))
    ).all()
    if personne.desactivee_le is not None or not profils:
        return Issue.NO_ACCESS
    if personne.totp_active_le is not None:
        return Issue.SECOND_FACTOR
    if settings.totp_profiles & {profil.value for profil in profils}:
        return Issue.ENROLMENT
    return Issue.OK


def record_failure(session: Session, clock: Clock, outcome: Outcome) -> None:
    """Count a refused attempt and journal it; called after the rollback, in a fresh transaction.

    An account that does not exist costs the same work.
    """
    throttle.count(session, clock, outcome.failures)
    personne = session.scalar(select(Personne).where(Personne.id == (outcome.personne_id or 0)))
    record(session, clock, None, "comptes:connexion:refuser", personne)


def record_sign_in(session: Session, clock: Clock, token: str) -> Actor | None:
    """Journal a sign-in that is complete, and return its actor; `token`: that of the session just opened."""
    actor = sessions.actor_of(session, token)
    record(session, clock, actor, "comptes:connexion:ouvrir")
    return actor


def check_second_factor(
    session: Session,
    clock: Clock,
    settings: Settings,
    cipher: MultiFernet,
    personne_id: int,
    typed: str,
    address: str,
) -> Outcome:
    """Check a code of the application, or a recovery code; each serves once.

    OK: the caller opens a new session (`second_factor=True`, `previous=` the awaiting one's token).
    """
    own = throttle.code_key(settings, personne_id)
    place = throttle.address_key(settings, address)
    limits = [(own, CODES_PER_WINDOW), (place, settings.login_attempts_per_address)]
    wait = throttle.wait_seconds(session, clock, settings, limits)
    if wait:
        return Outcome(Issue.THROTTLED, personne_id, wait=wait)
    code = canonical_code(typed)
    if not (
        use_code(session, clock, cipher, personne_id, code)
        or _use_recovery(session, clock, personne_id, code)
    ):
        return Outcome(Issue.CODE_REFUSED, personne_id, failures=(own, place))
    throttle.forget(session, [own])
    return Outcome(Issue.OK, personne_id)


def use_code(session: Session, clock: Clock, cipher: MultiFernet, personne_id: int, code: str) -> bool:
    """Tell whether an application's code is right, and spend it: even at the same instant it serves once."""
    personne = session.get_one(Personne, personne_id)
    if personne.totp_secret is None:
        return False
    secret = cipher.decrypt(personne.totp_secret).decode()
    step = accepted_step(secret, code, clock.now(), personne.totp_dernier_pas)
    if step is None:
        return False
    spent = session.execute(
        update(Personne)
        .where(
            Personne.id == personne_id,
            or_(Personne.totp_dernier_pas.is_(None), Personne.totp_dernier_pas < step),
        )
        .values(totp_dernier_pas=step, version=Personne.version + 1)
        .returning(Personne.id)
    ).one_or_none()
    session.expire(personne)
    return spent is not None


def _use_recovery(session: Session, clock: Clock, personne_id: int, code: str) -> bool:
    spent = session.execute(
        update(CodeSecours)
        .where(
            CodeSecours.personne_id == personne_id,
            CodeSecours.code_hash == token_hash(code),
            CodeSecours.utilise_le.is_(None),
        )
        .values(utilise_le=clock.now())
        .returning(CodeSecours.id)
    ).one_or_none()
    if spent is None:
        return False
    personne = session.get_one(Personne, personne_id)
    record(session, clock, None, "comptes:code_secours:utiliser", personne)
    return True
