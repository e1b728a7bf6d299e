"""What the tests of these screens share."""

import html
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.shared.db import Database

HTMX = {"HX-Request": "true"}
ONE_SIREN = "732829320"
ONE_SIRET = "73282932000074"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the SQL statements sent meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def text_of(response: TestResponse) -> str:
    """Return the answer as a person reads it: entities decoded, runs of spaces made one."""
    return " ".join(html.unescape(response.get_data(as_text=True)).split())


def reread(session: Session) -> None:
    """Forget what the session knows: what follows is what is now committed."""
    session.rollback()
    session.expire_all()
