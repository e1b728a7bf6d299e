"""Keyset pagination: a deep page costs what the first costs."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]

COUNT_LIMIT = 1000


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


def paginate(
    session: Session,
    statement: AnySelect,
    keys: Sequence[Any],
    *,
    cursor: Cursor | None,
    size: int = 50,
    descending: bool = False,
    enrich: Callable[[Select[Any], bool], Select[Any]] | None = None,
    total: int | None = None,
) -> Page:
    """Return one page of `statement` ordered by `keys` (never null, the last one unique).

    `keys` must be among the selected columns under the labels ``cle_0``, ``cle_1``… (use `with_keys`).
    `enrich` (statement, whether the order is descending) turns the statement of the page, already limited,
    into the one that is run, in the same order: joins made there are paid for the page alone, and not for
    the count. Two statements: the rows and a bounded count, unless the caller gives its result in `total`.
    """
    backwards = cursor is not None and cursor.backwards
    down = descending != backwards
    page = statement.order_by(*(k.desc() if down else k.asc() for k in keys)).limit(size + 1)
    if cursor is not None and cursor.keys is not None and len(cursor.keys) == len(keys):
        left, right = tuple_(*keys), tuple_(*cursor.keys)
        page = page.where(left < right if down else left > right)
    rows = list(session.execute(enrich(page, down) if enrich else page))
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    before = more if backwards else cursor is not None
    after = (cursor is not None and cursor.keys is not None) if backwards else more
    total = bounded_count(session, statement) if total is None else total
    return Page(
        rows=rows,
        previous=_cursor_of(rows[0], len(keys), True) if rows and before else None,
        next=_cursor_of(rows[-1], len(keys), False) if rows and after else None,
        total=min(total, COUNT_LIMIT),
        total_exact=total <= COUNT_LIMIT,
    )


def with_keys(statement: AnySelect, keys: Sequence[Any]) -> AnySelect:
    """Add the sort keys to the selected columns under the labels that `paginate` reads."""
    return statement.add_columns(*(key.label(f"cle_{i}") for i, key in enumerate(keys)))


def bounded_count(session: Session, statement: AnySelect, limit: int = COUNT_LIMIT) -> int:
    """Count the rows of a statement, stopping just past `limit`."""
    bare = statement.with_only_columns(1, maintain_column_froms=True).order_by(None).limit(limit + 1)
    return session.scalar(select(func.count()).select_from(bare.subquery())) or 0


def _cursor_of(row: AnyRow, width: int, backwards: bool) -> str:
    return Cursor(tuple(getattr(row, f"cle_{i}") for i in range(width)), backwards).encode()
