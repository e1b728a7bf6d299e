"""Stored files: what is taken, what is refused, what a rollback leaves."""

import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy.orm import Session

from portal.documents.models import Fichier, StatutFichier
from portal.documents.scanner import scan_pending
from portal.documents.storage import CHUNK, Storage, clean_name
from portal.documents.types import DOCUMENTS, TABLEAUX, TypeFichier
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError
from portal.shared.translations import translate_error

PDF = b"%PDF-1.7\n" + b"\xe2\xe3\xcf\xd3" * 100
ACCEPTED = DOCUMENTS | TABLEAUX


def xlsx() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


def on_disk(storage: Storage) -> list[Path]:
    return [path for path in storage.folder.rglob("*") if path.is_file()]


def put(
    storage: Storage,
    session: Session,
    clock: FixedClock,
    content: bytes = PDF,
    name: str = "a.pdf",
    **kwargs: object,
) -> Fichier:
    return storage.store(session, clock, io.BytesIO(content), name, ACCEPTED, **kwargs)  # type: ignore[arg-type]


@pytest.mark.parametrize("encrypt", [False, True], ids=["clear", "encrypted"])
@pytest.mark.parametrize("size", [0, CHUNK - 9, CHUNK, 3 * CHUNK + 5], ids=str)
def test_a_file_comes_back_as_it_was(
    storage: Storage, session: Session, clock: FixedClock, size: int, encrypt: bool
) -> None:
    content = PDF + os.urandom(size)
    file = put(storage, session, clock, content, encrypt=encrypt)
    session.commit()
    (path,) = on_disk(storage)
    assert path == storage.folder / file.chemin
    assert (path.read_bytes() == content) is not encrypt
    assert path.stat().st_mode & 0o077 == 0
    assert (file.taille, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (file.type_mime, file.statut, file.chiffre) == (
        "application/pdf",
        StatutFichier.NON_ANALYSE,
        encrypt,
    )
    assert b"".join(storage.open_for_download(file)) == storage.read(file) == content


def test_a_file_belongs_to_who_left_it(
    storage: Storage, session: Session, clock: FixedClock, actor_for: Callable[..., Actor]
) -> None:
    actor = actor_for(Profil.SIAO_DIRECTION)
    file = put(storage, session, clock, actor=actor)
    assert (file.organisation_id, file.depose_par_id, file.departement_code, file.depose_le) == (
        actor.organisation_id,
        actor.personne_id,
        "22",
        clock.now(),
    )


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.PDF", PDF, TypeFichier.PDF),
        ("a.xlsx", xlsx(), TypeFichier.XLSX),
        ("a.csv", "é;b\n".encode(), TypeFichier.CSV),
        ("a.csv", "é;b\n".encode("utf-16"), TypeFichier.CSV),
        ("a.docx", zipped(word__document_xml=b"<a/>"), TypeFichier.DOCX),
        ("a.odt", zipped(content_xml=b"<a/>"), TypeFichier.ODT),
        ("a.jpeg", b"\xff\xd8\xff\xe0" + b"x" * 10, TypeFichier.JPEG),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"x", TypeFichier.PNG),
    ],
    ids=["pdf", "xlsx", "csv", "csv utf-16", "docx", "odt", "jpeg", "png"],
)
def test_each_type_is_recognised(
    storage: Storage, session: Session, clock: FixedClock, name: str, content: bytes, kind: TypeFichier
) -> None:
    assert put(storage, session, clock, content, name).type_mime == kind.value.mime


REFUSED = [
    ("empty", "a.pdf", b"", "fichier.vide"),
    ("too big", "a.pdf", PDF + b"x" * 2_000_000, "fichier.trop_gros"),
    ("no extension", "pdf", PDF, "fichier.type_refuse"),
    ("program", "a.exe", b"MZ", "fichier.type_refuse"),
    ("page", "a.html", b"<script>", "fichier.type_refuse"),
    ("disguised", "a.pdf", b"MZ\x90\x00", "fichier.contenu_different"),
    ("renamed pdf", "a.csv", PDF, "fichier.contenu_different"),
    ("binary csv", "a.csv", b"\x00\x01\x02", "fichier.contenu_different"),
    ("docx named xlsx", "a.xlsx", zipped(word__document_xml=b"<a/>"), "fichier.contenu_different"),
    (
        "two in one",
        "a.xlsx",
        zipped(content_xml=b"<a/>", xl__workbook_xml=b"<a/>"),
        "fichier.contenu_different",
    ),
    ("bomb", "a.docx", zipped(word__document_xml=b" " * 80_000_000), "fichier.bombe"),
    ("cut", "a.xlsx", xlsx()[:2000], "fichier.archive_abimee"),
]


@pytest.mark.parametrize(("name", "content", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_refused_leaves_nothing(
    storage: Storage, session: Session, clock: FixedClock, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        put(storage, session, clock, content, name, max_bytes=1024 * 1024)
    assert refused.value.code == code
    assert "%(" not in translate_error(refused.value)
    assert on_disk(storage) == []
    assert session.query(Fichier).count() == 0


def test_a_rolled_back_file_goes_away_and_a_committed_one_stays(
    storage: Storage, database: Database, clock: FixedClock
) -> None:
    with database.session(write=True) as session:
        kept = put(storage, session, clock)
        with session.begin_nested():
            put(storage, session, clock)  # a released savepoint is not a commit
        session.commit()
        assert len(on_disk(storage)) == 2
        put(storage, session, clock)
        session.rollback()
        assert len(on_disk(storage)) == 2
        with session.begin_nested():
            put(storage, session, clock)
        session.rollback()
        assert len(on_disk(storage)) == 2
        assert storage.read(session.merge(kept)) == PDF
    with database.session(write=True) as session:
        put(storage, session, clock)  # closed without a commit
    assert len(on_disk(storage)) == 2


def test_orphans_are_swept_after_a_day(storage: Storage, database: Database, clock: FixedClock) -> None:
    with database.session(write=True) as session:
        kept = put(storage, session, clock)
        deleted = put(storage, session, clock)
        session.flush()
        session.delete(deleted)
        session.commit()
    cut = storage.folder / kept.chemin[:2] / ".depot-coupe"
    cut.write_bytes(b"x")
    for path in on_disk(storage):
        instant = (clock.now() - timedelta(hours=1)).timestamp()
        os.utime(path, (instant, instant))
    assert storage.sweep(database, clock) == 0
    clock.instant += timedelta(days=1)
    assert storage.sweep(database, clock) == 2
    assert on_disk(storage) == [storage.folder / kept.chemin]


def test_an_altered_file_is_not_read(storage: Storage, session: Session, clock: FixedClock) -> None:
    content = PDF + os.urandom(2 * CHUNK)
    file = put(storage, session, clock, content, encrypt=True)
    session.commit()
    path = storage.folder / file.chemin
    whole = path.read_bytes()
    first = 4 + int.from_bytes(whole[:4], "big")
    second = first + 4 + int.from_bytes(whole[first : first + 4], "big")
    for altered in (
        whole[:second],  # cut between two pieces
        whole[:-1],
        whole[first:second] + whole[:first] + whole[second:],  # pieces exchanged
        whole[:100] + b"A" + whole[101:],
        b"",
    ):
        path.write_bytes(altered)
        with pytest.raises(DomainError, match=r"fichier\.altere"):
            storage.read(file)
    path.unlink()
    with pytest.raises(DomainError, match=r"fichier\.absent"):
        storage.open_for_download(file)


def test_a_clear_file_altered_is_not_read(storage: Storage, session: Session, clock: FixedClock) -> None:
    file = put(storage, session, clock)
    (storage.folder / file.chemin).write_bytes(PDF + b"x")
    with pytest.raises(DomainError, match=r"fichier\.altere"):
        storage.read(file)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Documents\\suivi.xlsx", "suivi.xlsx"),
        ("a\r\nSet-Cookie: x.pdf", "a_Set-Cookie_ x.pdf"),
        ("convention\u202efdp.exe", "conventionfdp.exe"),
        ('"«é».pdf', "_«é».pdf"),
        ("", "fichier"),
        (".pdf", "pdf"),
        ("x" * 300 + ".pdf", "x" * 156 + ".pdf"),
    ],
    ids=ascii,
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert clean_name(given) == kept


SCANNER = f"""#!{sys.executable}
import sys
content = open(sys.argv[-1], "rb").read()
sys.exit(1 if b"VIRUS" in content else 3 if b"PANNE" in content else 0)
"""


def test_the_scanner_tells_clean_from_refused(
    storage_with: Callable[..., Storage],
    database: Database,
    session: Session,
    clock: FixedClock,
    tmp_path: Path,
) -> None:
    script = tmp_path / "scanner"
    script.write_text(SCANNER)
    script.chmod(0o700)
    storage = storage_with(scanner_command=f"{script} --option")
    clean, infected, failing = (
        put(storage, session, clock, PDF + word, encrypt=True) for word in (b"", b"VIRUS", b"PANNE")
    )
    session.commit()
    with pytest.raises(DomainError, match=r"fichier\.en_analyse"):
        storage.open_for_download(clean)
    assert scan_pending(database, storage.settings) == 2
    for file in (clean, infected, failing):
        session.refresh(file)
    assert [f.statut for f in (clean, infected, failing)] == [
        StatutFichier.SAIN,
        StatutFichier.REFUSE,
        StatutFichier.NON_ANALYSE,
    ]
    assert b"".join(storage.open_for_download(clean)) == PDF
    with pytest.raises(DomainError, match=r"fichier\.refuse"):
        storage.open_for_download(infected)
    with pytest.raises(DomainError, match=r"fichier\.refuse"):
        storage.read(infected)


@pytest.mark.parametrize("command", ["", "/nulle/part"], ids=["none", "missing"])
def test_without_a_working_scanner_nothing_is_judged(
    storage_with: Callable[..., Storage],
    database: Database,
    session: Session,
    clock: FixedClock,
    command: str,
) -> None:
    storage = storage_with(scanner_command=command)
    put(storage, session, clock)
    session.commit()
    assert scan_pending(database, storage.settings) == 0
