"""The two accounts of PostgreSQL that docs/exploitation.md sets up: who serves does not own the journal."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from portal.config import ROOT
from portal.shared.db import Database

SERVANT = "portail_application"


@pytest.fixture
def servant(database: Database) -> Iterator[Connection]:
    """A connection that acts as the application's account, the documented statements having been run."""
    if database.is_sqlite:
        pytest.skip("SQLite has no accounts")
    written = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / "exploitation.md").read_text(), re.DOTALL)
    assert written is not None
    with database.engine.connect() as connection:
        role = f"{SERVANT}_{connection.connection.dbapi_connection.info.dbname}"[:63]  # type: ignore[union-attr]
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(written[1].replace(SERVANT, role)))
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        yield connection
        connection.rollback()


def test_the_application_s_account_writes_the_journal_and_takes_nothing_back(servant: Connection) -> None:
    servant.execute(
        text(
            "INSERT INTO journal (le, auteur, profil, action, objet_type, objet_ref, changements, "
            "requete_id) VALUES ('2024-01-01', 'Portail', '', 'essai', '', '', '{}', '')"
        )
    )
    assert servant.scalar(text("SELECT count(*) FROM journal")) == 1
    servant.execute(text("UPDATE etat_technique SET valeur = valeur"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET auteur = 'x'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "DROP TABLE journal",
        "ALTER TABLE journal DISABLE TRIGGER ALL",
        "DROP TRIGGER journal_immuable_ligne ON journal",
        "DROP FUNCTION journal_immuable CASCADE",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_s_account_cannot_open_the_door(servant: Connection, statement: str) -> None:
    servant.execute(text("SELECT set_config('portail.purge', 'oui', true)"))
    with pytest.raises(DBAPIError, match=r"denied|must be owner"):
        servant.execute(text(statement))
