"""Running Alembic from the code: commands, tests."""

from pathlib import Path

from alembic.config import Config

from portal.shared.db import Database

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"


def alembic_config(database: Database) -> Config:
    """Return the Alembic configuration bound to a database."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["database"] = database
    return config
