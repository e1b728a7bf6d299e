"""Keyset pagination: a deep page costs what the first costs."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    UnaryExpression,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.operators import custom_op

from portal.shared.db import AnyRow, AnySelect, UtcDateTime, fetch

COUNT_LIMIT = 1000
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class Cursor:
    """Where a page starts: after (or before) the row whose sort keys are `keys`; no keys: from the end."""

    keys: tuple[Any, ...] | None
    backwards: bool = False

    def encode(self) -> str:
        """Return the URL form of the cursor."""
        mark = "<" if self.backwards else ">"
        values = [[_kind(key), key.isoformat() if isinstance(key, date) else key] for key in self.keys or ()]
        return base64.urlsafe_b64encode(json.dumps([mark, values]).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str | None) -> "Cursor | None":
        """Read a cursor from the URL; anything else than one of ours means the first page."""
        if not text:
            return None
        try:
            mark, values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            keys = tuple(_READERS[kind](value) for kind, value in values)
            if not all(isinstance(key, (str, int, date)) for key in keys):
                return None
            return cls(keys or None, mark == "<")
        except (ValueError, TypeError, KeyError, binascii.Error):
            return None


def _kind(key: Any) -> str:
    """Return the letter that says how a key is written: an instant, a date, or a plain value."""
    if isinstance(key, datetime):
        return "t"
    return "d" if isinstance(key, date) else "v"


_READERS: dict[str, Callable[[Any], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "v": lambda value: value,
}
LAST_PAGE = Cursor(None, backwards=True)


@dataclass(frozen=True)
class Page:
    """A page of rows with the cursors around it (None: there is nothing on that side).

    `total` is exact up to COUNT_LIMIT; past it `total_exact` is False and `total` is COUNT_LIMIT.
    """

    rows: Sequence[AnyRow]
    previous: str | None
    next: str | None
    total: int
    total_exact: bool

    @property
    def last(self) -> str | None:
        """Cursor of the last page, when this is not it."""
        return LAST_PAGE.encode() if self.next else None


Enrich: TypeAlias = Callable[[Select[Any], bool], Select[Any]]


def paginate(
    session: Session,
    statement: AnySelect,
    keys: Sequence[Any],
    *,
    cursor: Cursor | None,
    size: int = 50,
    descending: bool = False,
    enrich: Enrich | None = None,
) -> Page:
    """Return one page of `statement` ordered by `keys` (never null, the last one unique).

    `keys` must be among the selected columns under the labels ``cle_0``, ``cle_1``… (use `with_keys`).
    Two statements: the rows and a bounded count. A list that is shown all day builds them once, with the
    functions below.
    """
    cursor = usable(cursor, keys)
    page = page_statement(statement, keys, cursor, size=size, descending=descending, enrich=enrich)
    total = read_count(session, count_statement(statement))
    return read_page(session, page, cursor, width=len(keys), size=size, total=total)


def usable(cursor: Cursor | None, keys: Sequence[Any]) -> Cursor | None:
    """Return a cursor when it fits the sort keys of a list; one of another list means the first page."""
    if cursor is None or cursor.keys is None:
        return cursor
    fits = len(cursor.keys) == len(keys) and all(map(_comparable, cursor.keys, keys))
    return cursor if fits else None


def _comparable(value: Any, key: Any) -> bool:
    """Tell whether a value read from a cursor can be compared to a sort key's column."""
    if isinstance(value, datetime):
        return isinstance(key.type, UtcDateTime) and value.tzinfo is not None
    if isinstance(value, date):
        return isinstance(key.type, Date)
    if isinstance(value, str):
        return isinstance(key.type, String) and "\x00" not in value
    return isinstance(key.type, Integer) and abs(value) <= LARGEST_INTEGER


def page_statement(
    statement: AnySelect,
    keys: Sequence[Any],
    cursor: Cursor | None,
    *,
    size: int,
    descending: bool = False,
    enrich: Enrich | None = None,
) -> AnySelect:
    """Return the statement that `read_page` runs.

    Of the cursor it holds the direction and not the row: it is the same for every page of a list but the
    first and the last. `enrich` (statement, whether the order is descending) turns the statement of the
    page, already limited, into the one that is run, in the same order: joins made there are paid for the
    page alone, and not for the count.
    """
    backwards = cursor is not None and cursor.backwards
    down = descending != backwards
    page = statement.order_by(*(k.desc() if down else k.asc() for k in keys)).limit(_written(size + 1))
    if cursor is not None and cursor.keys is not None:
        row = tuple_(*(bindparam(f"curseur_{i}", type_=key.type) for i, key in enumerate(keys)))
        page = page.where(tuple_(*keys) < row if down else tuple_(*keys) > row)
    return enrich(page, down) if enrich else page


def opaque(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that SQLite may not look up in an index.

    When many lines answer, reading them in the order of the list until the page is full is cheap, whatever
    their number; SQLite, which keeps no statistics on values, would rather fetch them all and sort.
    """
    return UnaryExpression(condition.self_group(), operator=custom_op("+"), type_=Boolean())


def count_statement(statement: AnySelect, limit: int = COUNT_LIMIT) -> AnySelect:
    """Return the statement that counts the rows of another, stopping just past `limit`."""
    bare = (
        statement.with_only_columns(1, maintain_column_froms=True).order_by(None).limit(_written(limit + 1))
    )
    return select(func.count()).select_from(bare.subquery())


def _written(number: int) -> ColumnElement[int]:
    """Return a limit written in the text of the statement.

    PostgreSQL keeps one plan for all the values of a parameter; without a known limit it would be a poor one,
    and so made anew each time.
    """
    return literal_column(str(number), Integer)


def read_count(session: Session, statement: AnySelect) -> int:
    """Run the statement of a count."""
    return int(fetch(session, statement)[0][0])


def read_page(
    session: Session, statement: AnySelect, cursor: Cursor | None, *, width: int, size: int, total: int
) -> Page:
    """Run the statement of a page for a cursor; `width`: how many sort keys it has."""
    backwards = cursor is not None and cursor.backwards
    start = cursor.keys if cursor is not None else None
    found = fetch(session, statement, {f"curseur_{i}": key for i, key in enumerate(start or ())})
    more = len(found) > size
    rows = list(found[:size])
    if backwards:
        rows.reverse()
    before = more if backwards else cursor is not None
    after = start is not None if backwards else more
    return Page(
        rows=rows,
        previous=_cursor_of(rows[0], width, True) if rows and before else None,
        next=_cursor_of(rows[-1], width, False) if rows and after else None,
        total=min(total, COUNT_LIMIT),
        total_exact=total <= COUNT_LIMIT,
    )


def with_keys(statement: AnySelect, keys: Sequence[Any]) -> AnySelect:
    """Add the sort keys to the selected columns under the labels that `paginate` reads."""
    return statement.add_columns(*(key.label(f"cle_{i}") for i, key in enumerate(keys)))


def _cursor_of(row: AnyRow, width: int, backwards: bool) -> str:
    return Cursor(tuple(getattr(row, f"cle_{i}") for i in range(width)), backwards).encode()
