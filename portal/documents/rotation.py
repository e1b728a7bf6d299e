"""Encrypting again, with the newest key, whatever an older one encrypted: columns and stored files.

A few rows at a time, the portal at work: each is written only if it is still what was read, so that nobody's
change is lost. What is done is not done again: the command can be cut anywhere and run again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Table, func, or_, select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.config import Settings
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.security.encryption import load_keys, newest_key
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.entretien import entretien
from portal.shared.errors import DomainError

LOT = 100  # rows, or files, of one transaction

Progres = Callable[[str, int, int], object]
"""(table, rows looked at, rows in all)"""


@dataclass
class Bilan:
    """What a rotation did. `illisibles`: what none of the keys opens, left as it is."""

    lues: int = 0
    tournees: int = 0
    illisibles: int = 0

    def add(self, other: "Bilan") -> None:
        """Count what another one counted."""
        self.lues += other.lues
        self.tournees += other.tournees
        self.illisibles += other.illisibles


def tourner(
    database: Database,
    clock: Clock,
    settings: Settings,
    colonnes: Mapping[Table, Sequence[str]],
    progres: Progres = lambda _table, _done, _total: None,
) -> Bilan:
    """Encrypt again what the newest key does not open; return the counts, which the journal keeps.

    `colonnes`: the encrypted columns of each table; "" and NULL are no secret. The tables have a key `id`.
    """
    bilan = Bilan()
    for table, names in colonnes.items():
        _each_lot(database, table, progres, bilan, _Colonnes(settings, table, names))
    _each_lot(database, Fichier.metadata.tables["fichier"], progres, bilan, _Fichiers(settings))
    with database.session(write=True) as session:
        facts = {"tournees": bilan.tournees, "illisibles": bilan.illisibles}
        record(session, clock, None, "technique:chiffrement:tourner", changes=facts)
        session.commit()
    return bilan


def _each_lot(
    database: Database, table: Table, progres: Progres, bilan: Bilan, lot: "_Colonnes | _Fichiers"
) -> None:
    with database.session() as session:
        total = session.scalar(select(func.count()).select_from(table).where(lot.concerned)) or 0
    after, done = 0, 0
    while True:
        with database.session(write=True) as session:
            keys = session.scalars(
                select(table.c.id).where(table.c.id > after, lot.concerned).order_by(table.c.id).limit(LOT)
            ).all()
            if not keys:
                return
            bilan.add(lot.turn(session, keys))
            session.commit()
        after, done = keys[-1], done + len(keys)
        progres(table.name, done, max(total, done))


class _Colonnes:
    """The rotation of the encrypted columns of one table."""

    def __init__(self, settings: Settings, table: Table, names: Sequence[str]) -> None:
        self.table = table
        self.columns = [table.c[name] for name in names]
        self.concerned = or_(*(func.length(column) > 0 for column in self.columns))
        self.newest = newest_key(settings.encryption_keys, settings.var_dir)
        self.cipher = load_keys(settings.encryption_keys, settings.var_dir)

    def turn(self, session: Session, keys: Sequence[int]) -> Bilan:
        bilan = Bilan()
        chosen = select(self.table.c.id, *self.columns).where(self.table.c.id.in_(keys))
        with entretien(session):
            for row in session.execute(chosen.order_by(self.table.c.id)).all():
                for column, kept in zip(self.columns, row[1:], strict=True):
                    if not kept:
                        continue
                    bilan.lues += 1
                    turned = _turned(kept, self.newest, self.cipher)
                    if turned is None:
                        bilan.illisibles += 1
                    elif turned != kept:
                        unchanged = (self.table.c.id == row.id) & (column == kept)
                        session.execute(update(self.table).where(unchanged).values({column: turned}))
                        bilan.tournees += 1
        return bilan


class _Fichiers:
    """The rotation of the encrypted files."""

    def __init__(self, settings: Settings) -> None:
        self.storage = Storage(settings)
        self.concerned = Fichier.chiffre.is_(True)

    def turn(self, session: Session, keys: Sequence[int]) -> Bilan:
        bilan = Bilan()
        chosen = select(Fichier).where(Fichier.id.in_(keys)).order_by(Fichier.id)
        for file in session.scalars(chosen):
            bilan.lues += 1
            try:
                bilan.tournees += self.storage.reencrypt(session, file)
            except DomainError:
                bilan.illisibles += 1
        return bilan


def _turned(kept: str | bytes, newest: Fernet, cipher: MultiFernet) -> str | bytes | None:
    """Return a secret encrypted by the newest key, as it is if it was already; None when no key opens it."""
    try:
        newest.decrypt(kept)
    except InvalidToken:
        try:
            turned = cipher.rotate(kept)
        except InvalidToken:
            return None
        return turned.decode() if isinstance(kept, str) else turned
    return kept
