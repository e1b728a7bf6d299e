"""What the databases and the applications of the tests need not wait for."""

from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from sqlalchemy.util import LRUCache

from portal.shared.db import Database

COMPILED: LRUCache[Any, Any] = LRUCache(1500)  # statements that the tests of one worker share


def without_waiting(database: Database) -> Database:
    """Return a database on SQLite whose commits do not wait for the disk: it need not outlive a power cut."""
    event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
    return database


def share_statements(database: Database, model: Database) -> None:
    """Spare a database the statements that others on the same engine have compiled.

    They are kept by dialect: the databases of all the tests take that of their model, which was opened.
    """
    database.engine.dialect = model.engine.dialect
    database.engine.update_execution_options(compiled_cache=COMPILED)


def share_templates(app: Flask, folder: Path) -> Flask:
    """Return an application spared the templates that others have compiled in a folder of theirs all."""
    folder.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))
    return app
