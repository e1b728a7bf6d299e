"""The private folder of files: named by the server, checked, hashed, optionally encrypted.

A file is complete under its final name before its row is flushed. It goes away with the transaction that
does not commit; what a crash leaves behind is swept later (`sweep`). Deleting a row is enough to delete a
file: the sweep removes it once nothing names it.
"""

import contextlib
import hashlib
import os
import re
import secrets
import struct
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from portal.config import Settings
from portal.documents import messages as messages
from portal.documents.models import Fichier, StatutFichier
from portal.documents.types import TypeFichier, recognise
from portal.security.encryption import load_keys, newest_key
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.errors import DomainError

CHUNK = 1024 * 1024  # bytes of clear text encrypted together
NAME_LENGTH = 160
SWEEP_AFTER = 24 * 3600  # seconds before a file that no row names is an orphan
TEMPORARY = ".depot-"

_FRAME = struct.Struct(">I")  # length of an encrypted chunk
_PLACE = struct.Struct(">I?")  # its rank, and whether it is the last: none can be moved or cut
_PENDING, _DOOMED = "fichiers_en_cours", "fichiers_a_supprimer"
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


class Storage:
    """The stored files of one portal, in `settings.files_path`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.files_path
        self._cipher: MultiFernet | None = None

    @property
    def cipher(self) -> MultiFernet:
        """The keys, read at first use."""
        if self._cipher is None:
            self._cipher = load_keys(self.settings.encryption_keys, self.settings.var_dir)
        return self._cipher

    @property
    def newest(self) -> Fernet:
        """The newest key alone."""
        return newest_key(self.settings.encryption_keys, self.settings.var_dir)

    def store(
        self,
        session: Session,
        clock: Clock,
        stream: IO[bytes],
        name: str,
        accepted: frozenset[TypeFichier],
        *,
        actor: Actor | None = None,
        encrypt: bool = False,
        max_bytes: int | None = None,
    ) -> Fichier:
        """Write a stream to the folder and its row in the caller's transaction; return the row, flushed.

        `accepted`: the types taken here (`DOCUMENTS`, `TABLEAUX`…); `max_bytes`: the configured limit by
        default; `encrypt`: for nominative files. Raises DomainError `fichier.*` and then writes nothing.
        """
        limit = self.settings.max_upload_bytes if max_bytes is None else max_bytes
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=self.folder, prefix=TEMPORARY) as clear:
            size, digest = _copy_bounded(stream, clear, limit)
            kind = recognise(clear, size, name, accepted)
            path = self._write(clear, encrypt=encrypt)
        _delete_unless_committed(session, self.folder / path)
        file = Fichier(
            nom=clean_name(name),
            chemin=path,
            type_mime=kind.value.mime,
            taille=size,
            sha256=digest,
            statut=StatutFichier.NON_ANALYSE,
            chiffre=encrypt,
            organisation_id=actor.organisation_id if actor else None,
            departement_code=actor.departement_code if actor else None,
            depose_par_id=actor.personne_id if actor else None,
            depose_le=clock.now(),
        )
        session.add(file)
        session.flush()
        return file

    def open_for_download(self, file: Fichier) -> Iterator[bytes]:
        """Return the content by chunks, to be served as an attachment.

        Raises DomainError at once, before any chunk: `fichier.refuse`, `fichier.en_analyse` when a scanner is
        configured and has not spoken yet, `fichier.absent`.
        """
        if file.statut is StatutFichier.REFUSE:
            raise DomainError("fichier.refuse")
        if file.statut is StatutFichier.NON_ANALYSE and self.settings.scanner_command:
            raise DomainError("fichier.en_analyse")
        if not (self.folder / file.chemin).is_file():
            raise DomainError("fichier.absent")
        return self.chunks(file)

    def read(self, file: Fichier) -> bytes:
        """Return the whole content, checked against its hash, for a program of the portal to work on."""
        if file.statut is StatutFichier.REFUSE:
            raise DomainError("fichier.refuse")
        content = b"".join(self.chunks(file))
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise DomainError("fichier.altere")
        return content

    def chunks(self, file: Fichier) -> Iterator[bytes]:
        """Yield the clear content whatever the scanner said; raises `fichier.absent`, `fichier.altere`."""
        try:
            handle = (self.folder / file.chemin).open("rb")
        except OSError as error:
            raise DomainError("fichier.absent") from error
        with handle:
            if file.chiffre:
                yield from _decrypted(handle, self.cipher)
                return
            while chunk := handle.read(CHUNK):
                yield chunk

    def reencrypt(self, session: Session, file: Fichier) -> bool:
        """Write an encrypted file anew by the newest key, under another name; tell whether it had to be.

        A stored file never changes: the former one stays for a day, for a backup that runs, then is swept.
        Raises `fichier.absent`, `fichier.altere` (none of the keys opens it).
        """
        path = self.folder / file.chemin
        try:
            with path.open("rb") as handle:
                (length,) = _FRAME.unpack(handle.read(_FRAME.size))
                self.newest.decrypt(handle.read(length))
        except OSError as error:
            raise DomainError("fichier.absent") from error
        except struct.error as error:
            raise DomainError("fichier.altere") from error
        except InvalidToken:
            file.chemin = self._write_chunks(_encrypted(self.chunks(file), self.cipher))
            _delete_unless_committed(session, self.folder / file.chemin)
            os.utime(path)  # the sweep counts its day from now
            return True
        return False

    def delete(self, session: Session, file: Fichier) -> None:
        """Delete a file's row, and the file itself once the caller's transaction is committed.

        For what must not stay a day more: whatever else no row names is swept.
        """
        session.delete(file)
        session.flush()
        session.info.setdefault(_DOOMED, []).append(self.folder / file.chemin)

    def sweep(self, database: Database, clock: Clock) -> int:
        """Delete the files that no row names and that are a day old; return how many."""
        limit = clock.now().timestamp() - SWEEP_AFTER
        old = [p for p in self.folder.glob("*/*") if p.is_file() and p.stat().st_mtime < limit]
        with database.session() as session:
            known = set(session.scalars(select(Fichier.chemin)))
        orphans = [path for path in old if path.relative_to(self.folder).as_posix() not in known]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _write(self, clear: IO[bytes], *, encrypt: bool) -> str:
        """Write the clear stream under a new random name, durably, and return its relative path."""
        clear.seek(0)
        chunks = iter(lambda: clear.read(CHUNK), b"")
        return self._write_chunks(_encrypted(chunks, self.cipher) if encrypt else chunks)

    def _write_chunks(self, chunks: Iterator[bytes]) -> str:
        random = secrets.token_hex(20)
        path = self.folder / random[:2] / random[2:]
        path.parent.mkdir(exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
            fsync_folder(path.parent)
        except (OSError, DomainError):
            Path(temporary).unlink(missing_ok=True)
            raise
        return f"{random[:2]}/{random[2:]}"


def clean_name(name: str) -> str:
    """Return a file name fit to be proposed for download: its last part, without control characters."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    base = _FORBIDDEN.sub("_", "".join(c for c in base if unicodedata.category(c) != "Cf")).strip(" .")
    stem, dot, extension = base.rpartition(".")
    if not dot:
        return base[:NAME_LENGTH] or "fichier"
    return f"{stem[: NAME_LENGTH - len(extension) - 1] or 'fichier'}.{extension}"[:NAME_LENGTH]


def fsync_folder(folder: Path) -> None:
    """Make the names of a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_bounded(source: IO[bytes], target: IO[bytes], limit: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise DomainError("fichier.trop_gros", limite=limit // (1024 * 1024))
        digest.update(chunk)
        target.write(chunk)
    if not size:
        raise DomainError("fichier.vide")
    target.flush()
    return size, digest.hexdigest()


def _encrypted(chunks: Iterator[bytes], cipher: MultiFernet) -> Iterator[bytes]:
    chunk, rank = next(chunks, b""), 0
    while True:
        following = next(chunks, b"")
        token = cipher.encrypt(_PLACE.pack(rank, not following) + chunk)
        yield _FRAME.pack(len(token)) + token
        if not following:
            return
        chunk, rank = following, rank + 1


def _decrypted(file: IO[bytes], cipher: MultiFernet) -> Iterator[bytes]:
    rank, last = 0, False
    while not last:
        try:
            (length,) = _FRAME.unpack(file.read(_FRAME.size))
            clear = cipher.decrypt(file.read(length))
            found, last = _PLACE.unpack_from(clear)
        except (struct.error, InvalidToken) as error:
            raise DomainError("fichier.altere") from error
        if found != rank:
            raise DomainError("fichier.altere")
        yield clear[_PLACE.size :]
        rank += 1


def _delete_unless_committed(session: Session, path: Path) -> None:
    session.info.setdefault(_PENDING, []).append(path)


@event.listens_for(Session, "after_commit")
def _keep_files(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)
        doomed: Any = session.info.pop(_DOOMED, ())
        for path in doomed:
            with contextlib.suppress(OSError):
                path.unlink()


@event.listens_for(Session, "after_transaction_end")
def _drop_files(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    session.info.pop(_DOOMED, None)
    pending: Any = session.info.pop(_PENDING, ())
    for path in pending:
        with contextlib.suppress(OSError):
            path.unlink()
