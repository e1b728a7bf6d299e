"""The database's part of a backup: one copy as of one instant, and putting it back at once."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect
from sqlalchemy.exc import SQLAlchemyError

from portal.documents.storage import fsync_folder
from portal.shared.db import Database

SQLITE_DUMP, POSTGRES_DUMP = "base.sqlite3", "base.sql"
DUMPS = frozenset({SQLITE_DUMP, POSTGRES_DUMP})
_MAGIC = b"SQLite format 3\x00"
BUSY = 30.0  # seconds to wait for a lock

# Everything of the schema that no extension brought: the dump makes it all again.
_EMPTY_SCHEMA = """
SET lock_timeout = '30s';
DO $vider$
DECLARE objet record;
BEGIN
  FOR objet IN
    SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', n.nspname, c.relname) AS ordre
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE objet.ordre;
  END LOOP;
END $vider$;
"""


class SauvegardeError(Exception):
    """A backup or a restoration that was refused or failed; its text is for the operator."""


def dump(url: URL, folder: Path) -> Path:
    """Write a copy of the database into a folder and return its path."""
    if url.get_backend_name() == "sqlite":
        return _dump_sqlite(_sqlite_path(url), folder / SQLITE_DUMP)
    return _dump_postgres(url, folder / POSTGRES_DUMP)


def load(url: URL, source: Path) -> None:
    """Replace the database by a copy, entirely or not at all."""
    if source.name == SQLITE_DUMP:
        _load_sqlite(_sqlite_path(url), source)
    else:
        _load_postgres(url, source)


def check_same_engine(url: URL, source: Path) -> None:
    """Raise SauvegardeError when a copy was made on the other engine."""
    if (url.get_backend_name() == "sqlite") != (source.name == SQLITE_DUMP):
        raise SauvegardeError("L’archive vient de l’autre moteur de base de données.")


def holds_something(url: URL) -> bool:
    """Tell whether the database has any table (a SQLite file that is no database counts as something)."""
    if url.get_backend_name() == "sqlite":
        path = _sqlite_path(url)
        if not path.exists() or path.stat().st_size == 0:
            return False
    database = Database(url)
    try:
        return bool(inspect(database.engine).get_table_names())
    except SQLAlchemyError as error:
        if database.is_sqlite:
            return True
        raise SauvegardeError(f"La base ne répond pas : {error}") from error
    finally:
        database.dispose()


def check_stopped(url: URL) -> None:
    """Raise SauvegardeError when the portal has its SQLite database open; PostgreSQL queues by itself."""
    if url.get_backend_name() == "sqlite":
        _close_journal(_sqlite_path(url))


def _sqlite_path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise SauvegardeError("Une base SQLite en mémoire ne se sauvegarde pas.")
    return Path(url.database)


def _dump_sqlite(path: Path, target: Path) -> Path:
    if not path.exists():
        raise SauvegardeError(f"La base {path} n’existe pas.")
    try:
        with closing(sqlite3.connect(path, timeout=BUSY)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy, pages=-1)  # in one go: readers and writers of a WAL database go on meanwhile
            copy.execute("PRAGMA journal_mode=DELETE")
            (state,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise SauvegardeError(f"La base ne peut pas être lue : {error}") from error
    if state != "ok":
        raise SauvegardeError(f"La base est abîmée : {state}")
    return target


def _load_sqlite(path: Path, source: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(source)) as copy:
            (state,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise SauvegardeError(f"La base de l’archive ne peut pas être lue : {error}") from error
    if state != "ok":
        raise SauvegardeError(f"La base de l’archive est abîmée : {state}")
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as target, source.open("rb") as origin:
            shutil.copyfileobj(origin, target)
            target.flush()
            os.fsync(target.fileno())
        _close_journal(path)
        Path(partial).replace(path)
        fsync_folder(path.parent)
    finally:
        Path(partial).unlink(missing_ok=True)


def _close_journal(path: Path) -> None:
    """Fold the write-ahead journal of the present database into it: beside the new one it would spoil it.

    It also tells whether anyone still has the database open.
    """
    if _is_sqlite(path):
        try:
            with closing(sqlite3.connect(path, timeout=1)) as present:
                present.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise SauvegardeError("Le portail est en marche : arrêtez-le, puis recommencez.") from error
        except sqlite3.DatabaseError:
            pass  # too damaged to be opened: that may be why it is being replaced
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_sqlite(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _dump_postgres(url: URL, target: Path) -> Path:
    options = ["--no-owner", "--no-privileges", "--no-comments", "--format=plain"]
    _run(url, "pg_dump", [*options, f"--file={target}"])
    return target


def _load_postgres(url: URL, source: Path) -> None:
    """Empty the schema and play the copy in one transaction: until its end everybody sees the old state."""
    prelude = source.with_name("vider.sql")
    prelude.write_text(_EMPTY_SCHEMA)
    options = [
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
    ]
    _run(url, "psql", [*options, f"--file={prelude}", f"--file={source}"])


def _run(url: URL, program: str, arguments: list[str]) -> None:
    """Run a PostgreSQL program on a database; the password goes by the environment, never as an argument."""
    if shutil.which(program) is None:
        raise SauvegardeError(f"Le programme {program} est absent : installez le paquet postgresql-client.")
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(
        [program, f"--dbname={address}", "--no-password", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SauvegardeError(f"{program} a échoué : {done.stderr.strip()[-500:]}")
