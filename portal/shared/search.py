"""Text search: one function over a stored, normalised text, on both engines.

Each word typed must begin a word of the text, in any order. On SQLite the text is mirrored by triggers
in a full-text table `recherche_<table>` (see `portal.shared.ddl`); on PostgreSQL a trigram index serves
the LIKE below, because the stored text puts a space before each word.
"""

from sqlalchemy import ColumnElement, Table, and_, column, select, table, true
from sqlalchemy.orm import Session

from portal.shared.text import normalise

MAX_WORDS = 8


def matches(session: Session, target: Table, text: str) -> ColumnElement[bool]:
    """Return the condition « the row of `target` matches what was typed »; always true for nothing typed.

    `target` is a mapped table with the columns `id` and `texte_recherche`.
    """
    words = normalise(text).split()[:MAX_WORDS]
    if not words:
        return true()
    if session.get_bind().dialect.name == "sqlite":
        query = " ".join(f'"{word}"*' for word in words)
        name = f"recherche_{target.name}"
        mirror = table(name, column("rowid"))
        hits = select(mirror.c.rowid).where(column(name).op("MATCH")(query))
        return target.c.id.in_(hits)
    return and_(*(target.c.texte_recherche.like(f"% {word}%") for word in words))
