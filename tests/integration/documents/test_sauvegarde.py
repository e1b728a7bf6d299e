"""Backup, disaster, restoration: rows, files and keys come back on both engines."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

import portal.documents.sauvegarde_base as base
from portal.audit.models import EntreeJournal
from portal.cli import register
from portal.config import Settings
from portal.conventions.models import Convention
from portal.documents.models import Fichier
from portal.documents.sauvegarde import SauvegardeError, backup, restore
from portal.documents.storage import Storage
from portal.documents.types import DOCUMENTS
from portal.security.coffre import coffre, installer
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.search import matches
from portal.tables import metadata

PDF = b"%PDF-1.7\nconvention"


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    return Settings(environnement="test", var_dir=tmp_path / "var", database_url=url)


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage(settings)


@pytest.fixture
def stored(
    storage: Storage, session: Session, clock: FixedClock, factories: SimpleNamespace, database: Database
) -> Fichier:
    """A line of convention and an encrypted file, committed, and nobody connected any more."""
    factories.Convention(operateur__nom="Association L’Étoile d’Armor")
    file = storage.store(session, clock, io.BytesIO(PDF), "a.pdf", DOCUMENTS, encrypt=True)
    session.commit()
    session.close()
    database.dispose()
    return file


def rows(database: Database) -> dict[str, list[Any]]:
    """Every row of every table, but the journal where a restoration writes its own entry."""
    with database.session() as session:
        found = {
            table.name: sorted(map(repr, session.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name != "journal"
        }
    database.dispose()
    return found


def wreck(database: Database, settings: Settings) -> None:
    """Lose the files and the keys, and most of the rows."""
    for folder in (settings.files_path, settings.var_dir / "cles"):
        for path in [p for p in folder.rglob("*") if p.is_file()]:
            path.unlink()
    with database.session(write=True) as session:
        session.execute(text("DELETE FROM convention_nature"))
        session.execute(text("DELETE FROM convention"))
        session.execute(text("DELETE FROM fichier"))
        session.commit()
    database.dispose()


def test_rows_files_and_keys_come_back(
    database: Database,
    settings: Settings,
    storage: Storage,
    stored: Fichier,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    before = rows(database)
    archive = backup(settings, tmp_path, clock=clock)
    assert archive.name == "portail-20260302T090000Z.tar.gz"
    assert archive.stat().st_mode & 0o077 == 0
    wreck(database, settings)
    later = settings.files_path / "zz" / "later"
    later.parent.mkdir()
    later.write_bytes(b"written after the backup")

    manifest = restore(settings, archive, force=True, clock=clock)

    assert manifest["date"] == clock.now().isoformat()
    assert rows(database) == before
    assert Storage(settings).read(stored) == PDF
    assert not later.exists()
    assert [p for p in settings.files_path.iterdir() if p.name.startswith(".")] == []
    with database.session() as session:
        found = select(Convention.id).where(matches(session, metadata.tables["convention"], "etoile arm"))
        assert session.scalar(found) is not None  # search works: full text and triggers came along
        assert session.scalars(select(EntreeJournal.action)).all() == ["technique:sauvegarde:restaurer"]
        with pytest.raises(Exception, match="append only"):
            session.execute(text("DELETE FROM journal"))


def hash_of(settings: Settings) -> str:
    """The hash of a name, as a portal started with these settings makes it."""
    database = Database(settings.database_url)
    installer(database, settings)
    with database.session() as session:
        made = coffre(session).empreinte("adulte", "NOM", "Prénom")
    database.dispose()
    return made


def test_the_secret_of_the_hashes_comes_back(settings: Settings, stored: Fichier, tmp_path: Path) -> None:
    before = hash_of(settings)
    archive = backup(settings, tmp_path / "a.tar.gz")
    (settings.var_dir / "cles" / "empreintes").unlink()
    assert hash_of(settings) != before  # another one was made
    restore(settings, archive, force=True)
    assert hash_of(settings) == before
    assert (settings.var_dir / "cles" / "empreintes").stat().st_mode & 0o077 == 0


def test_a_configured_secret_of_the_hashes_is_in_the_archive(
    settings: Settings, stored: Fichier, tmp_path: Path
) -> None:
    configured = settings.model_copy(update={"hash_key": "un secret que la configuration donne"})
    archive = backup(configured, tmp_path / "a.tar.gz")
    restore(settings, archive, force=True)
    assert hash_of(settings) == hash_of(configured)


def test_an_archive_made_before_there_were_hashes_leaves_the_present_secret(
    settings: Settings, stored: Fichier, tmp_path: Path
) -> None:
    archive = backup(settings, tmp_path / "a.tar.gz")  # no application was started: no secret yet
    before = hash_of(settings)
    restore(settings, archive, force=True)
    assert hash_of(settings) == before


def test_a_new_portal_is_made_from_an_archive(
    settings: Settings, stored: Fichier, tmp_path: Path, database: Database, clock: FixedClock
) -> None:
    archive = backup(settings, tmp_path / "copies" / "une.tar.gz")
    if database.is_sqlite:
        url = f"sqlite:///{tmp_path / 'neuf' / 'portail.sqlite3'}"
    else:
        url = _new_postgres(database)
    new = Settings(environnement="test", var_dir=tmp_path / "neuf" / "var", database_url=url)
    restore(new, archive)  # nothing there: no need to force
    copy = Database(url)
    try:
        assert rows(copy) == rows(database)
        with pytest.raises(SauvegardeError, match="n’est pas vide"):
            restore(new, archive)
    finally:
        copy.dispose()
        if not database.is_sqlite:
            _drop_postgres(database)
    assert Storage(new).read(stored) == PDF


def _admin(database: Database, *statements: str) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


def _new_postgres(database: Database) -> str:
    name = f"{database.url.database}_copie"
    _admin(database, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    return database.url.set(database=name).render_as_string(hide_password=False)


def _drop_postgres(database: Database) -> None:
    _admin(database, f"DROP DATABASE IF EXISTS {database.url.database}_copie WITH (FORCE)")


def test_the_keys_can_stay_out(settings: Settings, storage: Storage, stored: Fichier, tmp_path: Path) -> None:
    archive = backup(settings, tmp_path / "sans.tar.gz", with_keys=False)
    with tarfile.open(archive) as tar:
        assert not any(name.startswith("cles/") for name in tar.getnames())
    restore(settings, archive, force=True)
    assert Storage(settings).read(stored) == PDF  # the present keys were left alone


def test_what_is_there_is_not_replaced_without_being_told(
    database: Database, settings: Settings, stored: Fichier, tmp_path: Path
) -> None:
    before = rows(database)
    archive = backup(settings, tmp_path / "a.tar.gz")
    with pytest.raises(SauvegardeError, match="n’est pas vide"):
        restore(settings, archive)
    assert rows(database) == before


def repack(archive: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Write an archive again with other contents."""
    with tarfile.open(archive) as tar:
        parts = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
    change(parts)
    path = archive.with_name("change.tar.gz")
    with tarfile.open(path, "w:gz") as tar:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def alter(name: str) -> Callable[[dict[str, bytes]], object]:
    def change(parts: dict[str, bytes]) -> None:
        found = next(part for part in parts if part.startswith(name))
        parts[found] = parts[found][:-1] + b"!"

    return change


def old_version(parts: dict[str, bytes]) -> None:
    parts["manifeste.json"] = json.dumps(json.loads(parts["manifeste.json"]) | {"version": 99}).encode()


BAD = {
    "database altered": (alter("base"), "altérée"),
    "file altered": (alter("fichiers/"), "altérée"),
    "file lost": (lambda parts: parts.pop(next(p for p in parts if p.startswith("fichiers/"))), "altérée"),
    "file added": (lambda parts: parts.update({"fichiers/aa/b": b"x"}), "altérée"),
    "no manifest": (lambda parts: parts.pop("manifeste.json"), "illisible"),
    "out of the folder": (lambda parts: parts.update({"fichiers/../../x": b"x"}), "inattendu"),
    "absolute": (lambda parts: parts.update({"/x": b"x"}), "inattendu"),
    "other version": (old_version, "autre version"),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_bad_archive_changes_nothing(
    database: Database,
    settings: Settings,
    stored: Fichier,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], object],
    message: str,
) -> None:
    archive = repack(backup(settings, tmp_path / "a.tar.gz"), change)
    before = rows(database)
    keys = (settings.var_dir / "cles" / "chiffrement").read_text()
    with pytest.raises(SauvegardeError, match=message):
        restore(settings, archive, force=True)
    assert rows(database) == before
    assert Storage(settings).read(stored) == PDF
    assert (settings.var_dir / "cles" / "chiffrement").read_text() == keys
    assert [p for p in settings.files_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("content", [b"", b"texte", gzip.compress(b"texte")], ids=["empty", "text", "gzip"])
def test_what_is_no_archive_is_refused(
    settings: Settings, stored: Fichier, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(SauvegardeError, match="illisible"):
        restore(settings, path, force=True)


def test_a_cut_archive_is_refused(settings: Settings, stored: Fichier, tmp_path: Path) -> None:
    archive = backup(settings, tmp_path / "a.tar.gz")
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    with pytest.raises(SauvegardeError, match="illisible"):
        restore(settings, archive, force=True)


def test_an_archive_of_the_other_engine_is_refused(
    database: Database, settings: Settings, stored: Fichier, tmp_path: Path
) -> None:
    archive = backup(settings, tmp_path / "a.tar.gz")
    other = (
        "postgresql://personne@127.0.0.1:1/rien"
        if database.is_sqlite
        else f"sqlite:///{tmp_path / 'x.sqlite3'}"
    )
    with pytest.raises(SauvegardeError, match="autre moteur"):
        restore(settings.model_copy(update={"database_url": other}), archive, force=True)


def test_a_failed_load_leaves_the_old_state(
    database: Database, settings: Settings, stored: Fichier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = backup(settings, tmp_path / "a.tar.gz")
    before = rows(database)
    original = base.load

    def spoiled(url: Any, source: Path) -> None:
        with source.open("r+b") as file:
            file.seek(0, io.SEEK_END)
            end = file.tell()
            file.seek(end // 2)
            file.write(b"\n\\ \x01 SELECT 1/0;\n" * 300)
        original(url, source)

    monkeypatch.setattr(base, "load", spoiled)
    with pytest.raises(SauvegardeError):
        restore(settings, archive, force=True)
    assert rows(database) == before
    assert Storage(settings).read(stored) == PDF


WRITER = """
import sys, time
from portal.shared.db import Database
from sqlalchemy import text
database, n = Database(sys.argv[1]), 0
print("pret", flush=True)
while True:
    with database.session(write=True) as session:
        session.execute(text("INSERT INTO etat_technique (cle, valeur) VALUES (:a, '')"), {"a": f"a{n}"})
        session.execute(text("INSERT INTO etat_technique (cle, valeur) VALUES (:b, '')"), {"b": f"b{n}"})
        session.commit()
    n += 1
"""


@pytest.fixture
def writer(settings: Settings, stored: Fichier) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes pairs of rows without a rest."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, settings.database_url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "pret\n"
    yield process
    process.kill()
    process.communicate()


def test_a_backup_is_taken_while_the_portal_writes(
    database: Database, settings: Settings, writer: subprocess.Popen[str], tmp_path: Path
) -> None:
    archive = backup(settings, tmp_path / "a.tar.gz")
    assert writer.poll() is None
    writer.kill()
    writer.wait()
    restore(settings, archive, force=True)
    with database.session() as session:
        keys = set(session.scalars(text("SELECT cle FROM etat_technique")))
    pairs = {key[1:] for key in keys}
    assert {f"{letter}{n}" for n in pairs for letter in "ab"} == keys  # the copy is of one instant


def test_a_running_portal_is_not_restored_under_its_feet(
    database: Database, settings: Settings, stored: Fichier, tmp_path: Path
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL waits for its locks")
    archive = backup(settings, tmp_path / "a.tar.gz")
    with database.session() as session:
        session.execute(select(Convention.id))
        with pytest.raises(SauvegardeError, match="en marche"):
            restore(settings, archive, force=True)
    assert Storage(settings).read(stored) == PDF


def test_a_damaged_database_is_replaced(
    database: Database, settings: Settings, stored: Fichier, tmp_path: Path
) -> None:
    if not database.is_sqlite:
        pytest.skip("a file of SQLite")
    before = rows(database)
    archive = backup(settings, tmp_path / "a.tar.gz")
    path = Path(str(make_url(settings.database_url).database))
    with path.open("r+b") as file:
        file.seek(50)
        file.write(b"\xff" * 20_000)
    with pytest.raises(SauvegardeError):
        backup(settings, tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()
    restore(settings, archive, force=True)
    assert rows(database) == before


@pytest.mark.postgres
def test_a_missing_program_is_named(
    database: Database, settings: Settings, stored: Fichier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SauvegardeError, match="pg_dump est absent"):
        backup(settings, tmp_path / "a.tar.gz")


def test_a_folder_that_is_missing_is_made(
    app: Flask, settings: Settings, stored: Fichier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« sauvegarde DOSSIER/ » wrote a file of that name when the folder was not there yet."""
    monkeypatch.setitem(app.extensions, "portail_settings", settings)
    register(app)
    run = app.test_cli_runner().invoke
    folder = tmp_path / "neuf" / "sauvegardes"
    done = run(args=["sauvegarde", f"{folder}/"])
    assert done.exit_code == 0, done.output
    [made] = folder.iterdir()
    assert made.name.startswith("portail-")
    assert made.name.endswith(".tar.gz")
    refused = run(args=["sauvegarde", f"{made}/"])
    assert refused.exit_code == 1
    assert "ne peut pas être créé" in refused.output
