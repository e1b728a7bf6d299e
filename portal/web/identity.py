"""Who acts: from the session cookie to the Actor, at every request."""

from datetime import timedelta

from flask import g, request
from flask import session as cookie
from flask_login import LoginManager
from sqlalchemy.orm import Session

from portal.comptes import sessions
from portal.comptes.sessions import Loaded
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import Forbidden
from portal.web.context import SAFE_METHODS, Connecte, actor_or_none, clock, database, db, is_poll, settings
from portal.web.errors import MembershipChanged

SEANCE = "conduite"
"""The blueprint of the sessions while they are held."""


def init(manager: LoginManager) -> None:
    """Teach Flask-Login to load the actor from the server-side session."""
    manager.session_protection = None  # type: ignore[assignment]  # the token is random, server-side and revocable
    manager.user_loader(load_user)


def load_user(token: str) -> Connecte | None:
    """Return the signed-in user of a session token, None when the session is over."""
    loaded = _loaded(db(), token)
    if loaded is None:
        return None
    g.session_left = loaded.seconds_left
    if loaded.touch_due and not is_poll():
        _touch(loaded.actor.session_id)
    return Connecte(token, loaded.actor)


def inactivite() -> timedelta:
    """Return how long a connection lasts without activity: longer on the pages of a commission's session,
    which those who follow it read for hours without a gesture; nothing else opens by it."""
    config = settings()
    seance = request.blueprint == SEANCE
    return timedelta(minutes=config.session_seance_minutes if seance else config.session_idle_minutes)


def _loaded(read: Session, token: str) -> Loaded | None:
    config = settings()
    return sessions.load(
        read,
        clock(),
        token,
        idle=inactivite(),
        absolute=timedelta(hours=config.session_max_hours),
        strong_profiles=config.totp_profiles,
    )


def somebody(guard: object) -> bool:
    """Tell whether someone is signed in, before the body of the request is read.

    Raises Forbidden when they may not what the route's guard asks. Done in a transaction of its own that
    only reads: the request's would keep SQLite's write lock while a large file arrives.
    """
    token = cookie.get("_user_id")
    if not isinstance(token, str):
        return False
    with database().session() as read:
        loaded = _loaded(read, token)
    if loaded is not None and isinstance(guard, Permission) and not can(loaded.actor, guard):
        raise Forbidden(guard.value)
    return loaded is not None


def _touch(session_id: int | None) -> None:
    """Note the last activity, in its own short transaction (in the request's own when it already writes)."""
    if request.method not in SAFE_METHODS:
        sessions.touch(db(), clock(), session_id)
        return
    with database().session(write=True) as session:
        sessions.touch(session, clock(), session_id)
        session.commit()


def check_form_membership() -> None:
    """Refuse (409) a form opened under another profile than the one now active."""
    if request.method in SAFE_METHODS:
        return
    given = request.form.get("adhesion")
    actor = actor_or_none()
    if given and actor is not None and given != actor.adhesion_ref:
        raise MembershipChanged
