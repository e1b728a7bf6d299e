"""Running Alembic from the code: commands, tests."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from portal.shared.db import Database

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"


def alembic_config(database: Database) -> Config:
    """Return the Alembic configuration bound to a database."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["database"] = database
    return config


def obstacle(database: Database, *, migre: bool = False) -> str:
    """Return what keeps this code from working on the database and what to do, in French; "" when nothing.

    `migre`: for a migration, that tables absent or late do not keep from working.
    """
    scripts = ScriptDirectory.from_config(alembic_config(database))
    try:
        with database.engine.connect() as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
    except DBAPIError as error:
        return f"La base ne répond pas ; vérifiez PORTAL_DATABASE_URL et son serveur ({error.orig})."
    if migre:
        return ""
    if not present:
        return "La base n’a pas encore ses tables. Lancez d’abord : flask --app wsgi db upgrade"
    if present == set(scripts.get_heads()):
        return ""
    if present <= {script.revision for script in scripts.walk_revisions()}:
        return "La base est en retard sur le code. Sauvegardez-la, puis lancez : flask --app wsgi db upgrade"
    return "La base vient d’une version plus récente du portail : mettez d’abord le code à jour."
