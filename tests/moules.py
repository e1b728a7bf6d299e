"""Moulds: what a costly fixture leaves in the database, written again for the next test that asks for it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from portal.organisations.models import Organisation
from portal.tables import metadata
from tests.reference import REFERENCE_TABLES

TABLES = [table.name for table in metadata.sorted_tables if table.name not in REFERENCE_TABLES]


@dataclass(frozen=True)
class Moule:
    """The rows of each table, as the engine gives them, and what names them to the fixture."""

    lignes: dict[str, Any]
    chose: Any


MOULES: dict[str, Moule] = {}  # of this worker, by name of fixture


def prendre(session: Session, nom: str, chose: Any) -> None:
    """Keep what the database holds besides the reference data. One worker has one database, or copies of one:
    the keys that were given to these rows are free in all its tests."""
    session.flush()
    connection = session.connection()
    MOULES[nom] = Moule({table: rows for table in TABLES if (rows := _lues(connection, table))}, chose)


def couler(session: Session, nom: str) -> Any:
    """Write again what was kept under a name and return what was kept with it.

    Returns None when nothing was, or when the database is no longer empty.
    """
    moule = MOULES.get(nom)
    session.flush()
    if moule is None or session.scalar(select(func.count(Organisation.id))):
        return None
    connection = session.connection()
    for table, rows in moule.lignes.items():
        _ecrire(connection, table, rows)
    return moule.chose


def _lues(connection: Connection, table: str) -> Any:
    if connection.dialect.name == "sqlite":
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:  # type: ignore[attr-defined]
        return b"".join(copy)


def _ecrire(connection: Connection, table: str, rows: Any) -> None:
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", rows)
        return
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[attr-defined]
        copy.write(rows)
