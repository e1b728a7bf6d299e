"""Text search: one function over a stored, normalised text, on both engines.

Each word typed must begin a word of the text, in any order. On SQLite the text is mirrored by triggers
in a full-text table `recherche_<table>` (see `portal.shared.ddl`); on PostgreSQL a trigram index serves
the LIKE below, because the stored text puts a space before each word.

A table named in `portal.shared.ddl.WORDED` can be searched by whole words too, and by marks: words that
nobody can type, since they begin with a letter that `normalise` never leaves. `hits` reads them, on
PostgreSQL from an index of the words themselves: what answers to a frequent word costs little to begin with.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from portal.shared.ddl import WORDS
from portal.shared.text import normalise

MAX_WORDS = 8
MARK = "λ"  # a letter to both engines, and in no normalised text
_SIGNS = re.compile(r"[^a-z0-9]+")


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
    return spelled(target, text)


def spelled(target: Table, text: str) -> ColumnElement[bool]:
    """Return what `matches` says as a condition on the stored text itself.

    PostgreSQL has an index for it. On SQLite it suits rows that are read in another order until a page is
    full: nothing is to be gathered beforehand.
    """
    words = normalise(text).split()[:MAX_WORDS]
    return and_(true(), *(target.c.texte_recherche.like(f"% {word}%") for word in words))


@dataclass(frozen=True)
class Terme:
    """A word to be found whole, or (`debut`) that begins one of the text."""

    mot: str
    debut: bool = False


# All of the groups must be found, and of each group one term.
Recherche = Sequence[Sequence[Terme]]


def mark(kind: str, value: str) -> str:
    """Return the mark that a record bears for a value (a code of letters and digits) of a kind (a letter)."""
    return f"{MARK}{kind}{_SIGNS.sub('', value.lower())}"


def named(word: str) -> str:
    """Return the mark of a word of someone's name."""
    return f"{MARK}{MARK}{word}"


def hits(session: Session, target: Table, query: ColumnElement[str]) -> Select[tuple[int]]:
    """Return the keys of the rows of `target` that answer to a search, in no order that means anything.

    `query` holds the search as `written` makes it: a literal, or a bound parameter.
    """
    if session.get_bind().dialect.name == "sqlite":
        name = f"recherche_{target.name}"
        mirror = table(name, column("rowid", Integer))
        return select(mirror.c.rowid.label("id")).where(column(name).op("MATCH")(query))
    words: ColumnElement[str] = literal_column(WORDS.format(table=target.name))
    return select(target.c.id).where(words.op("@@")(cast(query, TSQUERY)))


# How many terms each group has, and which of them are beginnings: all that a condition is built from.
Forme = tuple[tuple[bool, ...], ...]


def shape(groups: Recherche) -> Forme:
    """Return the shape of a search, under which its condition can be kept."""
    return tuple(tuple(one.debut for one in group) for group in groups)


def at_sight(text: ColumnElement[str], form: Forme) -> list[ColumnElement[bool]]:
    """Return a search as conditions on a stored text, one a group, for PostgreSQL to read a few rows by.

    Their words are the bound parameters of `sought`. No index serves them: they tell, from rows that another
    condition has bounded, whether a search is answered so often that reading its index whole would cost more.
    """
    ended = text + " "
    return [
        or_(
            *(
                func.strpos(text if debut else ended, bindparam(f"vu_{i}_{j}", type_=String())) > 0
                for j, debut in enumerate(group)
            )
        )
        for i, group in enumerate(form)
    ]


def sought(groups: Recherche) -> dict[str, str]:
    """Return the values of the parameters of `at_sight`."""
    return {
        f"vu_{i}_{j}": f" {one.mot}" if one.debut else f" {one.mot} "
        for i, group in enumerate(groups)
        for j, one in enumerate(group)
    }


def written(session: Session, groups: Iterable[Sequence[Terme]]) -> str:
    """Return a search as the engine reads it. Terms are normalised words or marks: they hold no quote."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    either, both = (" OR ", " AND ") if sqlite else (" | ", " & ")
    return both.join(f"({either.join(_term(one, sqlite) for one in group)})" for group in groups)


def _term(term: Terme, sqlite: bool) -> str:
    if sqlite:
        return f'"{term.mot}"*' if term.debut else f'"{term.mot}"'
    return f"'{term.mot}':*" if term.debut else f"'{term.mot}'"
