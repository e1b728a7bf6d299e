"""Alembic environment: SQLite in batch mode with foreign keys off, checked afterwards; PostgreSQL plain."""

import re

from alembic import context
from sqlalchemy import Connection, text

from portal.config import Settings
from portal.shared.db import Database, UtcDateTime
from portal.tables import metadata

_OUTSIDE = re.compile(r"^(recherche_|alembic_version)")


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave full-text tables and text indexes out of autogenerate: portal.shared.ddl keeps them."""
    if kind == "index" and name and name.endswith(("_trgm", "_mots")):
        return False
    return not (kind == "table" and name and _OUTSIDE.match(name))


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column types in migrations as the plain ones they stand for."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def migrate(connection: Connection, sqlite: bool) -> None:
    """Run the migrations in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=sqlite,
        include_name=include_name,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite:
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"foreign keys broken by the migration: {broken[:5]}")
    connection.commit()


def run() -> None:
    """Run on the database of the configuration, or on the one handed over in the attributes."""
    database = context.config.attributes.get("database") or Database(Settings().database_url)
    with database.engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        if not database.is_sqlite:
            migrate(connection, sqlite=False)
            return
        # Within a transaction this pragma does nothing: it goes to the driver before any begins.
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            migrate(connection, sqlite=True)
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")


run()
