"""Inserting and finding many rows at once, below the ORM."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, any_, insert, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.shared.db import Base


def insert_many(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns, in the session's transaction; raises IntegrityError.

    An import holds hundreds of thousands: PostgreSQL takes them by COPY, twice as fast as INSERT, and the
    driver of SQLite as they are, in half the time that SQLAlchemy takes to hand them over.
    """
    if not rows:
        return
    session.flush()
    table = model.__table__
    assert isinstance(table, Table)
    connection = session.connection()
    given = rows[0].keys()
    columns = [column for column in table.columns if column.name in given or column.default is not None]
    values = _values(connection.dialect, columns, rows)
    if connection.dialect.name == "postgresql":
        names = ", ".join(column.name for column in columns)
        _write(connection, f"COPY {table.name} ({names}) FROM STDIN", _copy, values)
    else:
        keys = [column.name for column in columns]  # in the order of the table, as they are compiled
        _write(connection, str(insert(table).compile(connection, column_keys=keys)), _execute, values)


def among(
    session: Session, column: InstrumentedAttribute[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Return « column IN values » for a thousand values: PostgreSQL takes them as one array.

    Written one by one they cost more to compile and to send than the rows cost to find.
    """
    if session.get_bind().dialect.name != "postgresql":
        return column.in_(values)
    return column == any_(literal(list(values), ARRAY(column.type)))


def _values(
    dialect: Dialect, columns: Sequence[Column[Any]], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """Return what `insert(table)` would send: the types write the values, the defaults are made here."""
    given = rows[0].keys()
    return zip(
        *(
            _written(
                dialect,
                column,
                [row[column.name] for row in rows]
                if column.name in given
                else [_made(column.default) for _row in rows],
            )
            for column in columns
        ),
        strict=True,
    )


def _written(dialect: Dialect, column: Column[Any], values: list[Any]) -> list[Any]:
    write = column.type.dialect_impl(dialect).bind_processor(dialect)
    if write is None:
        return values
    written, last, result = [], values[0], write(values[0])
    for value in values:
        if value is not last:  # the instant, the author, the département are often those of the row before
            last, result = value, write(value)
        written.append(result)
    return written


def _made(default: Any) -> Any:
    return default.arg(None) if default.is_callable else default.arg


def _write(
    connection: Connection,
    command: str,
    send: Callable[[Any, str, Iterable[tuple[Any, ...]]], None],
    values: Iterable[tuple[Any, ...]],
) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        cursor = driver.cursor()
        try:
            send(cursor, command, values)
        finally:
            cursor.close()
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(command, None, error) from error


def _copy(cursor: Any, command: str, values: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(command) as copy:
        for row in values:
            copy.write_row(row)


def _execute(cursor: Any, command: str, values: Iterable[tuple[Any, ...]]) -> None:
    cursor.executemany(command, values)
