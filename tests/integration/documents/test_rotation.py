"""Changing the key: what an older one encrypted is encrypted by the newest, then the older one can go."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.cli import register
from portal.comptes.models import Personne
from portal.config import Settings
from portal.documents import rotation
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.documents.types import DOCUMENTS
from portal.security.encryption import load_keys
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.tables import CHIFFREES, colonnes_chiffrees, metadata

PDF = b"%PDF-1.7\npapier sign\xc3\xa9"
ANCIENNE, NOUVELLE = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environnement="test", var_dir=tmp_path / "var", encryption_keys=ANCIENNE)


@pytest.fixture
def rotated(settings: Settings) -> Settings:
    """The same portal, a newer key in front of the former."""
    return settings.model_copy(update={"encryption_keys": f"{NOUVELLE},{ANCIENNE}"})


@pytest.fixture
def without_former(settings: Settings) -> Settings:
    return settings.model_copy(update={"encryption_keys": NOUVELLE})


@pytest.fixture
def secrets(session: Session, settings: Settings, clock: FixedClock, factories: SimpleNamespace) -> Fichier:
    """Seven people with a second factor, one without, and an encrypted file, all by the former key."""
    cipher = load_keys(settings.encryption_keys, settings.var_dir)
    for number in range(7):
        factories.Personne(totp_secret=cipher.encrypt(f"SECRET{number}".encode()))
    factories.Personne()
    file = Storage(settings).store(session, clock, io.BytesIO(PDF), "a.pdf", DOCUMENTS, encrypt=True)
    session.commit()
    return file


def opened(session: Session, settings: Settings) -> list[str]:
    session.commit()
    cipher = load_keys(settings.encryption_keys, settings.var_dir)
    kept = session.scalars(
        select(Personne.totp_secret).where(Personne.totp_secret.is_not(None)).order_by(Personne.id)
    )
    return [cipher.decrypt(secret).decode() for secret in kept if secret]


def turn(database: Database, clock: FixedClock, settings: Settings, **more: Any) -> rotation.Bilan:
    return rotation.tourner(database, clock, settings, colonnes_chiffrees(), **more)


def test_after_it_the_former_key_is_not_needed(
    database: Database,
    session: Session,
    clock: FixedClock,
    rotated: Settings,
    without_former: Settings,
    secrets: Fichier,
) -> None:
    with pytest.raises(InvalidToken):
        opened(session, without_former)
    bilan = turn(database, clock, rotated)
    assert (bilan.lues, bilan.tournees, bilan.illisibles) == (8, 8, 0)
    assert opened(session, without_former) == [f"SECRET{number}" for number in range(7)]
    session.refresh(secrets)
    assert Storage(without_former).read(secrets) == PDF
    entry = session.scalars(select(EntreeJournal).order_by(EntreeJournal.id.desc())).first()
    assert entry is not None
    assert entry.action == "technique:chiffrement:tourner"


def test_once_done_it_changes_nothing_more(
    database: Database, session: Session, clock: FixedClock, rotated: Settings, secrets: Fichier
) -> None:
    turn(database, clock, rotated)
    session.refresh(secrets)
    path = secrets.chemin
    assert turn(database, clock, rotated).tournees == 0
    session.refresh(secrets)
    assert secrets.chemin == path


def test_cut_in_the_middle_it_starts_again_where_it_was(
    database: Database,
    session: Session,
    clock: FixedClock,
    rotated: Settings,
    without_former: Settings,
    secrets: Fichier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotation, "LOT", 2)
    told: list[tuple[str, int, int]] = []

    def cut(table: str, done: int, total: int) -> None:
        told.append((table, done, total))
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turn(database, clock, rotated, progres=cut)
    assert told == [("personne", 2, 7), ("personne", 4, 7)]
    assert turn(database, clock, rotated).tournees == 4  # three people and the file
    assert len(opened(session, without_former)) == 7


def test_what_somebody_changes_meanwhile_is_kept(
    database: Database,
    session: Session,
    clock: FixedClock,
    rotated: Settings,
    secrets: Fichier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process writes a secret between its reading and its writing anew."""
    fresh = load_keys(rotated.encryption_keys, rotated.var_dir).encrypt(b"NOUVEAU")
    turned = rotation._turned

    def slow(kept: Any, *ciphers: Any) -> Any:
        result = turned(kept, *ciphers)
        if b"SECRET3" in ciphers[1].decrypt(kept):
            current.execute(update(Personne).where(Personne.totp_secret == kept).values(totp_secret=fresh))
        return result

    monkeypatch.setattr(rotation, "_turned", slow)
    original, current = rotation._Colonnes.turn, session

    def spied(self: Any, of: Session, keys: Any) -> rotation.Bilan:
        nonlocal current
        current = of
        return original(self, of, keys)

    monkeypatch.setattr(rotation._Colonnes, "turn", spied)
    turn(database, clock, rotated)
    assert opened(session, rotated)[3] == "NOUVEAU"


def test_what_no_key_opens_is_counted_and_left(
    app: Flask,
    database: Database,
    session: Session,
    without_former: Settings,
    settings: Settings,
    secrets: Fichier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.extensions, "portail_settings", without_former)
    register(app)
    done = app.test_cli_runner().invoke(args=["chiffrement", "tourner"])
    assert done.exit_code == 1
    assert "8 éléments ne s’ouvrent avec aucune des clés" in done.output
    assert len(opened(session, settings)) == 7


def test_a_former_file_stays_a_day_for_a_backup_that_runs(
    database: Database, session: Session, clock: FixedClock, rotated: Settings, secrets: Fichier
) -> None:
    former = rotated.files_path / secrets.chemin
    turn(database, clock, rotated)
    session.refresh(secrets)
    assert former.is_file()
    assert rotated.files_path / secrets.chemin != former


def test_every_column_named_exists_and_none_that_says_it_is_encrypted_is_forgotten() -> None:
    for name, columns in CHIFFREES.items():
        assert set(columns) <= set(metadata.tables[name].c.keys())
