"""Server-side sessions: what the cookie names. The cookie's token is stored hashed.

A session *counts* once the person's second factor, when they have one, was given in it. Until then it
only remembers, for a few minutes, who gave the right password (`awaiting`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import acteurs
from portal.comptes.appareils import device_name
from portal.comptes.models import Adhesion, Personne, SessionConnexion
from portal.security.policy import Actor
from portal.security.tokens import new_token, token_hash
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import NotVisible

TOUCH_EVERY = timedelta(minutes=1)
AWAITING = timedelta(minutes=10)  # time to give the second factor, or to set it up


class SecondsLeft(NamedTuple):
    """Seconds before the session ends: without activity, and whatever happens."""

    idle: int
    absolute: int


@dataclass(frozen=True)
class Loaded:
    """A session in force."""

    actor: Actor
    seconds_left: SecondsLeft
    touch_due: bool  # the last activity on record is older than a minute


@dataclass(frozen=True)
class Awaiting:
    """Someone whose password was right and whose second factor is awaited."""

    session_id: int
    personne_id: int
    email: str
    langue: str
    enrolled: bool  # False: the second factor is required and has to be set up first


def open_session(
    session: Session,
    clock: Clock,
    personne_id: int,
    user_agent: str,
    *,
    second_factor: bool,
    adhesion_ref: str = "",
    previous: Iterable[str] = (),
) -> str:
    """Open a session and return its token, which is shown this once.

    The session starts on the membership `adhesion_ref` when the person has it, else on the one they used
    last. `previous`: the tokens this browser had so far; they end (rotation at sign-in).
    """
    now, token = clock.now(), new_token()
    adhesion_id = _starting_membership(session, personne_id, adhesion_ref)
    ended = [token_hash(one) for one in previous]
    session.execute(delete(SessionConnexion).where(SessionConnexion.jeton_hash.in_(ended)))
    row = SessionConnexion(
        jeton_hash=token_hash(token),
        personne_id=personne_id,
        adhesion_id=adhesion_id,
        created_at=now,
        vue_le=now,
        appareil=device_name(user_agent),
        second_facteur_le=now if second_factor else None,
    )
    session.add(row)
    session.flush()
    return token


def _starting_membership(session: Session, personne_id: int, adhesion_ref: str) -> int | None:
    asked = select(Adhesion.id).where(
        Adhesion.ref == adhesion_ref, Adhesion.personne_id == personne_id, Adhesion.revoquee_le.is_(None)
    )
    last = (
        select(SessionConnexion.adhesion_id)
        .where(SessionConnexion.personne_id == personne_id)
        .order_by(SessionConnexion.vue_le.desc(), SessionConnexion.id.desc())
        .limit(1)
    )
    return (session.scalar(asked) if adhesion_ref else None) or session.scalar(last)


# The memberships of the person whose session has this hash; built once, it runs at every request.
_MEMBERSHIPS = (
    acteurs.memberships()
    .add_columns(
        SessionConnexion.id.label("session_id"),
        SessionConnexion.adhesion_id.label("active_id"),
        SessionConnexion.created_at,
        SessionConnexion.vue_le,
        SessionConnexion.second_facteur_le,
    )
    .join(SessionConnexion, SessionConnexion.personne_id == Personne.id)
    .where(SessionConnexion.jeton_hash == bindparam("jeton"))
)


def load(
    session: Session,
    clock: Clock,
    token: str,
    *,
    idle: timedelta,
    absolute: timedelta,
    strong_profiles: frozenset[str] = frozenset(),
) -> Loaded | None:
    """Return the session in force that the token names, with its actor, in one statement.

    None when it is unknown, over, or when the person was deactivated, has no membership left, or has not
    given their second factor. Rights are read anew each time: a membership that was revoked is not in the
    answer, and when it was the active one the first of the others takes its place. `strong_profiles`:
    codes of the profiles that are not offered to a session without second factor.
    """
    rows = fetch(session, _MEMBERSHIPS, {"jeton": token_hash(token)})
    now = clock.now()
    if not rows or not _in_force(rows[0], now, idle, absolute):
        return None
    first = rows[0]
    strong = first.second_facteur_le is not None
    allowed = [row for row in rows if strong or row.profil.value not in strong_profiles]
    actor = acteurs.build(allowed, first.active_id, first.session_id)
    if actor is None:
        return None
    left = SecondsLeft(
        idle=int((first.vue_le + idle - now).total_seconds()),
        absolute=int((first.created_at + absolute - now).total_seconds()),
    )
    return Loaded(actor, left, touch_due=now - first.vue_le >= TOUCH_EVERY)


def _in_force(row: Row[*tuple[Any, ...]], now: datetime, idle: timedelta, absolute: timedelta) -> bool:
    if row.totp_active_le is not None and row.second_facteur_le is None:
        return False
    return bool(row.vue_le + idle > now and row.created_at + absolute > now)


def actor_of(session: Session, token: str) -> Actor | None:
    """Return the actor of a session just opened, whatever its age: for the journal of the sign-in."""
    rows = session.execute(_MEMBERSHIPS, {"jeton": token_hash(token)}).all()
    return acteurs.build(rows, rows[0].active_id, rows[0].session_id) if rows else None


def awaiting(session: Session, clock: Clock, token: str) -> Awaiting | None:
    """Return who gave the right password in this session and still has to give a second factor."""
    row = session.execute(
        select(
            SessionConnexion.id,
            Personne.id.label("personne_id"),
            Personne.email,
            Personne.langue,
            Personne.totp_active_le,
        )
        .join(Personne, Personne.id == SessionConnexion.personne_id)
        .where(
            SessionConnexion.jeton_hash == token_hash(token),
            SessionConnexion.second_facteur_le.is_(None),
            SessionConnexion.created_at > clock.now() - AWAITING,
            Personne.desactivee_le.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Awaiting(row.id, row.personne_id, row.email, row.langue, enrolled=row.totp_active_le is not None)


def touch(session: Session, clock: Clock, session_id: int | None) -> None:
    """Write the last activity, at most once a minute."""
    now = clock.now()
    session.execute(
        update(SessionConnexion)
        .where(SessionConnexion.id == session_id, SessionConnexion.vue_le <= now - TOUCH_EVERY)
        .values(vue_le=now)
    )


def close(session: Session, clock: Clock, actor: Actor) -> None:
    """End the actor's own session (sign out)."""
    session.execute(delete(SessionConnexion).where(SessionConnexion.id == actor.session_id))
    record(session, clock, actor, "comptes:session:fermer")


def close_by_ref(session: Session, clock: Clock, actor: Actor, ref: str) -> None:
    """End another session of the same person, named in the list of « Mon compte »."""
    ended = session.execute(
        delete(SessionConnexion)
        .where(SessionConnexion.ref == ref, SessionConnexion.personne_id == actor.personne_id)
        .returning(SessionConnexion.appareil)
    ).scalar_one_or_none()
    if ended is None:
        raise NotVisible
    record(session, clock, actor, "comptes:session:revoquer", changes={"appareil": ended})


def close_others(session: Session, clock: Clock, actor: Actor) -> int:
    """End every session of the person but the one in use; return how many."""
    count = close_all(session, actor.personne_id, but=actor.session_id)
    if count:
        record(session, clock, actor, "comptes:session:revoquer_les_autres", changes={"nombre": count})
    return count


def close_all(session: Session, personne_id: int, *, but: int | None = None) -> int:
    """End the sessions of a person, whoever asks; return how many."""
    statement = delete(SessionConnexion).where(SessionConnexion.personne_id == personne_id)
    if but is not None:
        statement = statement.where(SessionConnexion.id != but)
    return len(session.execute(statement.returning(SessionConnexion.id)).all())


def close_everyone(session: Session) -> None:
    """End every session of everyone: after a restoration."""
    session.execute(delete(SessionConnexion))


def list_sessions(
    session: Session, clock: Clock, actor: Actor, *, idle: timedelta, absolute: timedelta
) -> list[SessionConnexion]:
    """Return the person's sessions in force, the latest activity first."""
    now = clock.now()
    return list(
        session.scalars(
            select(SessionConnexion)
            .where(
                SessionConnexion.personne_id == actor.personne_id,
                SessionConnexion.vue_le > now - idle,
                SessionConnexion.created_at > now - absolute,
            )
            .order_by(SessionConnexion.vue_le.desc(), SessionConnexion.id.desc())
        )
    )


def switch_membership(session: Session, clock: Clock, actor: Actor, adhesion_ref: str) -> None:
    """Make another of the person's memberships the active one (domaine.md § 10.4: one at a time)."""
    if adhesion_ref not in {membership.ref for membership in actor.adhesions}:
        raise NotVisible
    target = select(Adhesion.id).where(Adhesion.ref == adhesion_ref).scalar_subquery()
    session.execute(
        update(SessionConnexion).where(SessionConnexion.id == actor.session_id).values(adhesion_id=target)
    )
    changes = {"adhesion": [actor.adhesion_ref, adhesion_ref]}
    record(session, clock, actor, "comptes:session:changer_de_profil", changes=changes)
