"""Another key for a whole household, frozen grids, signatures and files included: nothing else changes."""

from collections import Counter

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.documents.rotation import tourner
from portal.documents.storage import Storage
from portal.grilles.remplissage.models import GrilleAcces
from portal.security.coffre import installer
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.tables import CHIFFREES, colonnes_chiffrees, metadata
from tests.integration.fin_de_vie.test_effacement import everything
from tests.monde_menages import MenageMeuble


def decrypted(session: Session, storage: Storage) -> Counter[tuple[str, str]]:
    """Count each text of the columns and of the files, whose names and order the change of key changes."""
    return Counter(
        (where if "." in where else "file", text)
        for where, text in everything(session, storage)
        if where.endswith(" decrypted") and text
    )


def test_every_text_is_opened_by_the_new_key_alone(
    database: Database, session: Session, clock: FixedClock, settings: Settings, meuble: MenageMeuble
) -> None:
    former = (settings.var_dir / "cles" / "chiffrement").read_text().strip()
    storage = Storage(settings)
    shown = decrypted(session, storage)
    digests = session.scalars(select(GrilleAcces.empreinte).order_by(GrilleAcces.id)).all()
    session.commit()
    newer = Fernet.generate_key().decode()
    both = settings.model_copy(update={"encryption_keys": f"{newer},{former}"})
    bilan = tourner(database, clock, both, colonnes_chiffrees())
    assert bilan.tournees == bilan.lues > 20
    assert bilan.illisibles == 0

    alone = settings.model_copy(update={"encryption_keys": newer})
    database.info.pop("coffre")
    installer(database, alone)
    with database.session() as fresh:
        after = decrypted(fresh, Storage(alone))
        assert fresh.scalars(select(GrilleAcces.empreinte).order_by(GrilleAcces.id)).all() == digests
    assert after == shown
    for file in (meuble.objets["demande"].fichier, meuble.objets["accord"].fichier):
        session.refresh(file)
        assert Storage(alone).read(file).startswith(b"%PDF")


def test_every_encrypted_column_is_turned(session: Session, storage: Storage, meuble: MenageMeuble) -> None:
    """Whatever looks encrypted stands in a column that the command knows."""
    for table in metadata.sorted_tables:
        for row in session.execute(select(table)).all():
            for column, value in zip(table.c, row, strict=True):
                secret = value if isinstance(value, str) else ""
                if secret.startswith("gAAAA"):
                    assert column.name in CHIFFREES.get(table.name, ()), f"{table.name}.{column.name}"
