"""A household with everything it may have, and its files."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.documents.storage import Storage
from portal.grilles.chargement import load_grid
from portal.security.coffre import installer
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.menages import scene as scene
from tests.monde_annuaire import meubler_un_annuaire
from tests.monde_commissions import meubler_une_commission
from tests.monde_menages import MenageMeuble, entourage, meubler_un_menage

MOT = "canarimenage"


@pytest.fixture
def settings(tmp_path: Path, database: Database, session: Session) -> Settings:
    """Files, and keys: those of the vault that the test's sessions carry."""
    made = Settings(environnement="test", var_dir=tmp_path / "var")
    database.info.pop("coffre", None)
    installer(database, made)
    session.info["coffre"] = database.info["coffre"]
    return made


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage(settings)


@pytest.fixture
def meuble(session: Session, factories: SimpleNamespace, clock: FixedClock, storage: Storage) -> MenageMeuble:
    """A household whose every text begins with MOT, committed, with its files."""
    load_grid(session, clock)
    autour = entourage(factories, 0)
    referent, *_people = meubler_un_annuaire(session, autour.organisation, "22")
    commission, *_rest = meubler_une_commission(session, autour.organisation, referent, "Commission fictive")
    made = meubler_un_menage(session, entourage(factories, commission.id), MOT, storage=storage)
    session.commit()
    return made
