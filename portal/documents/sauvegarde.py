"""One archive holding the database, the files and the keys; and putting it back.

The backup is taken while the portal works: the database as of one instant, then the files, which never
change once written. The archive is a gzipped tar: `manifeste.json` (last), `base.sqlite3` or `base.sql`,
`fichiers/…`, `cles/…`. Nothing of an archive is written to its place before all of it was verified.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

import structlog
from cryptography.fernet import Fernet
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from portal.audit.service import record
from portal.config import Settings
from portal.documents import sauvegarde_base as base
from portal.documents.storage import CHUNK, fsync_folder
from portal.shared.clock import Clock, SystemClock
from portal.shared.db import Database

VERSION = 1
MANIFEST, FILES, KEYS = "manifeste.json", "fichiers", "cles"
KEY_FILE, SECRET_FILE = "chiffrement", "empreintes"
STAGING = ".restauration-"

log = structlog.get_logger(__name__)

SauvegardeError = base.SauvegardeError


def backup(
    settings: Settings, destination: Path, *, with_keys: bool = True, clock: Clock | None = None
) -> Path:
    """Write an archive readable by its owner only, and return its path.

    `destination` is a file to write, or a folder where it gets a dated name. Without the keys
    (`with_keys=False`) the encrypted contents can be read only by who kept them elsewhere. Raises
    SauvegardeError; an archive under its final name is always complete.
    """
    now = (clock or SystemClock()).now()
    if destination.is_dir():
        destination = destination / f"portail-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    destination.parent.mkdir(parents=True, exist_ok=True)
    url = make_url(settings.database_url)
    handle, partial = tempfile.mkstemp(dir=destination.parent, prefix=".sauvegarde-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as output, tempfile.TemporaryDirectory(dir=destination.parent) as work:
            with tarfile.open(fileobj=output, mode="w:gz", compresslevel=6) as archive:
                content = _Content(archive)
                dump = base.dump(url, Path(work))
                content.add(dump, dump.name)
                for path in _stored_files(settings):
                    content.add(path, f"{FILES}/{path.relative_to(settings.files_path).as_posix()}")
                if with_keys:
                    content.add_bytes(f"{KEYS}/{KEY_FILE}", "\n".join(_keys(settings)).encode())
                    content.add_bytes(f"{KEYS}/{SECRET_FILE}", _secret(settings).encode())
                content.close(now, dump.name, with_keys)
            output.flush()
            os.fsync(output.fileno())
        Path(partial).replace(destination)
        fsync_folder(destination.parent)
    finally:
        Path(partial).unlink(missing_ok=True)
    log.info("backup.done", path=str(destination), bytes=destination.stat().st_size)
    return destination


def make_folder(folder: Path) -> None:
    """Make the folder that archives go to, its owner's only, unless it is there. Raises SauvegardeError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SauvegardeError(f"Le dossier {folder} ne peut pas être créé ({error.strerror}).") from error


def restore(
    settings: Settings, archive: Path, *, force: bool = False, clock: Clock | None = None
) -> dict[str, Any]:
    """Put an archive back in place of what is there, and return its manifest.

    The portal must be stopped. Refuses a database or a folder that hold something unless `force`, an archive
    of the other engine, and one that is not whole. Files and keys come first, beside the present ones; then
    the database, at once; then what the archive does not have goes away: cut anywhere, either the old state
    or the new one is whole. The secret of the hashes comes last: without it the hashes of the restored rows
    find no household again, until the restoration is run anew. A database older than the code then needs
    `db upgrade`. Raises SauvegardeError.
    """
    url = make_url(settings.database_url)
    if not force and (base.holds_something(url) or next(iter(_stored_files(settings)), None)):
        raise SauvegardeError("La base ou le dossier des fichiers n’est pas vide : rien n’a été modifié.")
    base.check_stopped(url)
    settings.files_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in settings.files_path.glob(f"{STAGING}*"):  # a restoration that was cut
        shutil.rmtree(left)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    # Beside the files, so that each of them comes to its place by a mere change of name.
    with tempfile.TemporaryDirectory(dir=settings.files_path, prefix=STAGING) as work:
        staged = Path(work)
        manifest = _unpack_verified(archive, staged)
        dump = staged / manifest["base"]
        base.check_same_engine(url, dump)
        keys = _archived_keys(staged)
        present = _keys(settings) if keys else []
        _install_files(settings, staged / FILES)
        if keys:
            _write_keys(settings, [*keys, *(key for key in present if key not in keys)])
        base.load(url, dump)
        if keys:
            _write_keys(settings, keys)
            _write_secret(settings, staged)
        _remove_others(settings, set(manifest["contenu"]))
    _note(settings, clock or SystemClock(), manifest)
    log.info("restore.done", archive=str(archive), taken_at=manifest["date"])
    return manifest


class _Content:
    """What goes into an archive, with the digest of each part."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.archive = archive
        self.digests: dict[str, str] = {}

    def add(self, path: Path, name: str) -> None:
        """Add a file; one that a sweep removed meanwhile was named by no row of the database copy."""
        try:
            with path.open("rb") as file:
                info = tarfile.TarInfo(name)
                info.size, info.mode = os.fstat(file.fileno()).st_size, 0o600
                info.mtime = os.fstat(file.fileno()).st_mtime
                reader = _Hashing(file)
                self.archive.addfile(info, reader)
        except FileNotFoundError:
            return
        self.digests[name] = reader.digest.hexdigest()

    def add_bytes(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        self.archive.addfile(info, io.BytesIO(content))
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def close(self, now: datetime, dump: str, with_keys: bool) -> None:
        manifest = {
            "version": VERSION,
            "date": now.astimezone(UTC).isoformat(),
            "base": dump,
            "cles": with_keys,
            "contenu": self.digests,
        }
        self.add_bytes(MANIFEST, json.dumps(manifest, indent=1).encode())


class _Hashing(io.RawIOBase):
    """Reads a file and digests what it reads."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.digest.update(chunk)
        return chunk


def _unpack_verified(archive: Path, staged: Path) -> dict[str, Any]:
    """Unpack an archive in a working folder and return its manifest, every digest compared."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for info in tar:
                source = tar.extractfile(info) if info.isfile() else None
                if source is None or not _is_ours(info.name):
                    raise SauvegardeError(f"Contenu inattendu dans l’archive : {info.name}")
                found[info.name] = _copy(source, staged / info.name)
        manifest: dict[str, Any] = json.loads((staged / MANIFEST).read_text())
        version, expected = manifest["version"], manifest["contenu"]
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError, KeyError) as error:
        raise SauvegardeError(f"Archive illisible ou incomplète : {error}") from error
    if version != VERSION:
        raise SauvegardeError(f"Archive d’une autre version ({version}) : cette version lit {VERSION}.")
    found.pop(MANIFEST)
    if found != expected or manifest["base"] not in found:
        raise SauvegardeError("Archive altérée : son contenu ne correspond pas à son manifeste.")
    return manifest


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts:
        return False
    return name in {MANIFEST, *base.DUMPS} or (len(parts) > 1 and parts[0] in {FILES, KEYS})


def _copy(source: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            output.write(chunk)
        output.flush()
        os.fsync(output.fileno())
    return digest.hexdigest()


def _stored_files(settings: Settings) -> list[Path]:
    """Return the stored files: two levels of names, nothing that is being written."""
    found = (path for path in settings.files_path.glob("*/*") if path.is_file())
    return [path for path in sorted(found) if not any(p.startswith(".") for p in path.parts[-2:])]


def _install_files(settings: Settings, staged: Path) -> None:
    for path in sorted(staged.glob("*/*")) if staged.is_dir() else ():
        target = settings.files_path / path.relative_to(staged)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        path.replace(target)
        fsync_folder(target.parent)


def _remove_others(settings: Settings, kept: set[str]) -> None:
    for path in _stored_files(settings):
        if f"{FILES}/{path.relative_to(settings.files_path).as_posix()}" not in kept:
            path.unlink(missing_ok=True)


def _keys(settings: Settings) -> list[str]:
    """Return the encryption keys in use, newest first; none when nothing was ever encrypted."""
    if settings.encryption_keys:
        return [key.strip() for key in settings.encryption_keys.split(",") if key.strip()]
    path = settings.var_dir / KEYS / KEY_FILE
    return path.read_text().split() if path.is_file() else []


def _archived_keys(staged: Path) -> list[str]:
    path = staged / KEYS / KEY_FILE
    keys = path.read_text().split() if path.is_file() else []
    for key in keys:
        try:
            Fernet(key)
        except ValueError as error:
            raise SauvegardeError("L’archive contient une clé illisible.") from error
    return keys


def _write_keys(settings: Settings, keys: list[str]) -> None:
    """Keep the keys in `var/cles`; when the configuration gives keys it alone is read, and must have them."""
    if settings.encryption_keys:
        missing = [key for key in keys if key not in _keys(settings)]
        if missing:
            log.warning("restore.keys", message="add the keys kept in var/cles to PORTAL_ENCRYPTION_KEYS")
    _write_key_file(settings, KEY_FILE, "\n".join(keys) + "\n")


def _secret(settings: Settings) -> str:
    """Return the secret of the hashes; empty when no hash was ever made."""
    path = settings.var_dir / KEYS / SECRET_FILE
    return settings.hash_key or (path.read_text().strip() if path.is_file() else "")


def _write_secret(settings: Settings, staged: Path) -> None:
    """Keep the archived secret of the hashes in `var/cles`; the configured one, if any, must be the same."""
    path = staged / KEYS / SECRET_FILE
    secret = path.read_text().strip() if path.is_file() else ""
    if not secret:
        return  # an archive made before there were hashes
    if settings.hash_key and settings.hash_key != secret:
        log.warning("restore.hash_key", message="put what var/cles/empreintes holds in PORTAL_HASH_KEY")
    _write_key_file(settings, SECRET_FILE, secret + "\n")


def _write_key_file(settings: Settings, name: str, content: str) -> None:
    folder = settings.var_dir / KEYS
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, partial = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(partial).replace(folder / name)
    fsync_folder(folder)


def _note(settings: Settings, clock: Clock, manifest: dict[str, Any]) -> None:
    """Write in the restored journal that it was; a database older than the code may not take it yet."""
    database = Database(settings.database_url)
    try:
        with database.session(write=True) as session:
            record(session, clock, None, "technique:sauvegarde:restaurer", changes={"date": manifest["date"]})
            session.commit()
    except SQLAlchemyError as error:
        log.warning("restore.not_noted", error=str(error))
    finally:
        database.dispose()
