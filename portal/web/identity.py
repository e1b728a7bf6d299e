"""Who acts: from the session cookie to the Actor, at every request."""

from datetime import timedelta

from flask import g, request
from flask_login import LoginManager

from portal.comptes import sessions
from portal.web.context import SAFE_METHODS, Connecte, actor_or_none, clock, database, db, is_poll, settings
from portal.web.errors import MembershipChanged


def init(manager: LoginManager) -> None:
    """Teach Flask-Login to load the actor from the server-side session."""
    manager.session_protection = None  # type: ignore[assignment]  # the token is random, server-side and revocable
    manager.user_loader(load_user)


def load_user(token: str) -> Connecte | None:
    """Return the signed-in user of a session token, None when the session is over."""
    config = settings()
    loaded = sessions.load(
        db(),
        clock(),
        token,
        idle=timedelta(minutes=config.session_idle_minutes),
        absolute=timedelta(hours=config.session_max_hours),
        strong_profiles=config.totp_profiles,
    )
    if loaded is None:
        return None
    g.session_left = loaded.seconds_left
    if loaded.touch_due and not is_poll():
        _touch(loaded.actor.session_id)
    return Connecte(token, loaded.actor)


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
