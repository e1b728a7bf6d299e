"""Choosing a password: by a link sent to one's address, or by giving the present one."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs, sessions, throttle
from portal.comptes.connexion import Issue, Outcome
from portal.comptes.liens import reset_link
from portal.comptes.models import JetonReinitialisation, Personne
from portal.comptes.regles_mot_de_passe import check_new_password
from portal.comptes.saisie import normalise_email
from portal.config import Settings
from portal.notifications.service import enqueue
from portal.security.passwords import check_password, hash_password
from portal.security.policy import Actor
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

REQUESTS_PER_WINDOW = 3  # links sent per account and per window


@dataclass(frozen=True)
class Demande:
    """A link that still works: whose password it lets choose."""

    personne_id: int
    email: str


def request_reset(
    session: Session, clock: Clock, settings: Settings, email: str, address: str, langue: str
) -> int:
    """Send a link to choose a new password, if the account exists; the answer never tells whether it does.

    Returns the seconds to wait when too many were asked (nothing is sent then), else 0. The work done is
    the same for an address without account: its message is written, and taken back.
    """
    email = normalise_email(email)[:254]
    own = throttle.request_key(settings, email)
    place = throttle.address_key(settings, address)
    limits = [(own, REQUESTS_PER_WINDOW), (place, settings.login_attempts_per_address)]
    wait = throttle.wait_seconds(session, clock, settings, limits)
    if wait:
        return wait
    throttle.count(session, clock, [own, place])
    personne = session.scalar(
        select(Personne).where(Personne.email == email, Personne.desactivee_le.is_(None))
    )
    token = new_token()
    message = enqueue(
        session,
        clock,
        to=personne if personne is not None else email,
        template="comptes/reinitialisation",
        context={"lien": reset_link(settings, token), "minutes": settings.reset_minutes},
        urgent=True,
        langue=langue,
    )
    if personne is None:
        session.delete(message)
    else:
        now = clock.now()
        session.add(
            JetonReinitialisation(
                personne_id=personne.id,
                jeton_hash=token_hash(token),
                created_at=now,
                expire_le=now + timedelta(minutes=settings.reset_minutes),
            )
        )
    session.flush()
    record(session, clock, None, "comptes:mot_de_passe:demander", personne)
    return 0


def read_reset(session: Session, clock: Clock, token: str) -> Demande | None:
    """Return whose password the link lets choose; None when it no longer works. Changes nothing."""
    row = session.execute(
        select(Personne.id, Personne.email)
        .join(JetonReinitialisation, JetonReinitialisation.personne_id == Personne.id)
        .where(*_open(clock, token), Personne.desactivee_le.is_(None))
    ).one_or_none()
    return Demande(row.id, row.email) if row is not None else None


def reset(session: Session, clock: Clock, settings: Settings, token: str, password: str) -> int:
    """Choose a new password by a link, which serves once; every session of the person ends.

    Returns the person's key. Raises DomainError: the link no longer works, or the password will not do.
    """
    asked = read_reset(session, clock, token)
    if asked is None:
        raise DomainError("comptes.lien_perime")
    check_new_password(password, asked.email)
    spent = session.execute(
        update(JetonReinitialisation)
        .where(*_open(clock, token))
        .values(utilise_le=clock.now())
        .returning(JetonReinitialisation.id)
    ).one_or_none()
    if spent is None:
        raise DomainError("comptes.lien_perime")
    personne = session.get_one(Personne, asked.personne_id)
    _set_password(session, clock, settings, personne, password)
    sessions.close_all(session, personne.id)
    actor = acteurs.of_person(session, personne.id)
    record(session, clock, actor, "comptes:mot_de_passe:reinitialiser", personne)
    return personne.id


def _open(clock: Clock, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        JetonReinitialisation.jeton_hash == token_hash(token),
        JetonReinitialisation.utilise_le.is_(None),
        JetonReinitialisation.nouvel_email.is_(None),
        JetonReinitialisation.expire_le > clock.now(),
    )


def confirm_password(
    session: Session, clock: Clock, settings: Settings, actor: Actor, password: str, address: str
) -> Outcome:
    """Check the password of someone signed in, before an act that a borrowed session must not do.

    OK, REFUSED (to be counted by `connexion.record_failure` in a fresh transaction) or THROTTLED.
    """
    account = throttle.account_key(settings, actor.email)
    place = throttle.address_key(settings, address)
    limits = [(account, settings.login_attempts), (place, settings.login_attempts_per_address)]
    wait = throttle.wait_seconds(session, clock, settings, limits)
    if wait:
        return Outcome(Issue.THROTTLED, actor.personne_id, wait=wait)
    stored = session.scalar(select(Personne.mot_de_passe).where(Personne.id == actor.personne_id))
    if not check_password(password, stored):
        return Outcome(Issue.PRESENT_REFUSED, actor.personne_id, failures=(account, place))
    return Outcome(Issue.OK, actor.personne_id)


def change_password(
    session: Session, clock: Clock, settings: Settings, actor: Actor, present: str, password: str
) -> None:
    """Change one's password, the present one having been confirmed; the person's other sessions end."""
    personne = session.get_one(Personne, actor.personne_id)
    check_new_password(password, personne.email)
    if password == present:
        raise DomainError("comptes.mot_de_passe_identique", "mot_de_passe")
    _set_password(session, clock, settings, personne, password)
    sessions.close_all(session, personne.id, but=actor.session_id)
    record(session, clock, actor, "comptes:mot_de_passe:changer", personne)


def _set_password(
    session: Session, clock: Clock, settings: Settings, personne: Personne, password: str
) -> None:
    """Store the password, spend the links that remain, forget the failures, and tell the person.

    Links to a new e-mail address are spent too: whoever asked for one with the former password must not get
    the account back through it.
    """
    now = clock.now()
    personne.mot_de_passe = hash_password(password)
    personne.updated_at = now
    session.execute(
        update(JetonReinitialisation)
        .where(
            JetonReinitialisation.personne_id == personne.id,
            JetonReinitialisation.utilise_le.is_(None),
        )
        .values(utilise_le=now)
    )
    throttle.forget(session, [throttle.account_key(settings, personne.email)])
    enqueue(session, clock, to=personne, template="comptes/mot_de_passe_change", urgent=True)
    session.flush()
