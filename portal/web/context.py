"""What a request holds: its database session, the clock, the settings, the actor.

`current_actor` and `db` are read in routes only; domains receive them as arguments.
"""

from collections.abc import Callable
from typing import cast

from cryptography.fernet import MultiFernet
from flask import current_app, g, request
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.config import Settings
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Connecte(UserMixin):
    """The signed-in user as Flask-Login sees it; its id is the token of the server-side session."""

    def __init__(self, token: str, actor: Actor) -> None:
        self.token = token
        self.actor = actor

    def get_id(self) -> str:
        return self.token


def settings() -> Settings:
    """Return the application's settings."""
    return cast(Settings, current_app.extensions["portail_settings"])


def database() -> Database:
    """Return the application's database, for what needs a transaction of its own."""
    return cast(Database, current_app.extensions["portail_database"])


def cipher() -> MultiFernet:
    """Return the cipher of what is stored encrypted."""
    return cast(MultiFernet, current_app.extensions["portail_cipher"])


def clock() -> Clock:
    """Return the injected clock."""
    return cast(Clock, current_app.extensions["portail_clock"])


def db() -> Session:
    """Return the request's session, opened on first use; it may write unless the method is safe."""
    if "db_session" not in g:
        g.db_session = (
            database().reading() if request.method in SAFE_METHODS else database().session(write=True)
        )
    return cast(Session, g.db_session)


def actor_or_none() -> Actor | None:
    """Return who acts, or None when nobody is signed in (or when a failure keeps us from knowing)."""
    if g.get("sans_acteur"):
        return None
    user = current_user._get_current_object()
    return user.actor if isinstance(user, Connecte) else None


def current_actor() -> Actor:
    """Return who acts; only for routes that a guard protects."""
    actor = actor_or_none()
    assert actor is not None, "route without a guard"
    return actor


def is_poll() -> bool:
    """Tell whether the request is a live page asking for news: it keeps no session alive."""
    return "X-Veille" in request.headers


def after_commit(callback: Callable[[], object]) -> None:
    """Call something once the request's transaction is committed (never when it is rolled back)."""
    g.setdefault("after_commit", []).append(callback)


def fresh_transaction(work: Callable[[Session], object]) -> None:
    """Run `work(session)` in a transaction of its own: what must survive a refusal."""
    current = g.pop("db_session", None)
    if current is not None:
        current.close()  # on SQLite its write lock would make the new transaction wait
    with database().session(write=True) as session:
        work(session)
        session.commit()


def note_access(action: str, **facts: object) -> None:
    """Write to the journal that the actor takes something away, in a short transaction of its own.

    The one thing that a GET may write (domaine.md § 10.2, 8: exports are journalled).
    """
    with database().session(write=True) as session:
        record(session, clock(), current_actor(), action, changes=facts)
        session.commit()
