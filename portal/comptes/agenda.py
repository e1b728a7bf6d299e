"""The private address of a person's calendar: who holds it reads it, without a session.

The address is shown once and stored hashed; a new one replaces the former, and revoking deletes it. Whoever
reads is the person, through each of its memberships in force at that very moment.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import throttle
from portal.comptes.acteurs import build, memberships
from portal.comptes.models import AdresseAgenda, Personne
from portal.config import Settings
from portal.security.policy import Actor
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock

LECTURES = 60
"""Readings of one address in the window of `login_window_minutes`: applications read a few times an hour."""

INCONNUES = 30
"""Unknown addresses tried from one network address in the same window."""


def creee_le(session: Session, actor: Actor) -> datetime | None:
    """Return since when the actor has an address, None without one."""
    return session.scalar(
        select(AdresseAgenda.creee_le).where(AdresseAgenda.personne_id == actor.personne_id)
    )


def creer(session: Session, clock: Clock, actor: Actor) -> str:
    """Give the actor a new address and return its token, which nobody can read again; the former one ends."""
    session.get_one(Personne, actor.personne_id, with_for_update=True)  # two clicks follow each other
    session.execute(delete(AdresseAgenda).where(AdresseAgenda.personne_id == actor.personne_id))
    token = new_token()
    session.add(
        AdresseAgenda(personne_id=actor.personne_id, jeton_hash=token_hash(token), creee_le=clock.now())
    )
    session.flush()
    record(session, clock, actor, "comptes:agenda:creer")
    return token


def revoquer(session: Session, clock: Clock, actor: Actor) -> None:
    """End the actor's address, at once."""
    ended = session.scalar(
        delete(AdresseAgenda)
        .where(AdresseAgenda.personne_id == actor.personne_id)
        .returning(AdresseAgenda.personne_id)
    )
    if ended is not None:
        record(session, clock, actor, "comptes:agenda:revoquer")


def lecteurs(session: Session, token: str) -> list[Actor]:
    """Return the person of an address as an actor, once for each of its memberships in force.

    Empty when the address is unknown or revoked, and when its account is closed.
    """
    personne_id = session.scalar(
        select(AdresseAgenda.personne_id).where(AdresseAgenda.jeton_hash == token_hash(token))
    )
    if personne_id is None:
        return []
    rows = session.execute(memberships().where(Personne.id == personne_id)).all()
    acteurs = (build(rows, row.adhesion_id) for row in rows)
    return [acteur for acteur in acteurs if acteur is not None]


def attendre(
    session: Session, clock: Clock, settings: Settings, token: str, address: str, *, connue: bool
) -> int:
    """Return how many seconds to wait before reading again, 0 to read now; count this reading."""
    key, allowed = (
        (throttle.calendar_key(settings, token_hash(token)), LECTURES)
        if connue
        else (throttle.unknown_calendar_key(settings, address), INCONNUES)
    )
    wait = throttle.wait_seconds(session, clock, settings, [(key, allowed)])
    if not wait:
        throttle.count(session, clock, [key])
    return wait
