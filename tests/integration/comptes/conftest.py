"""What the tests of accounts share."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion
from portal.config import Settings
from portal.security.passwords import hash_password
from tests.integration.comptes import PASSWORD


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environnement="test", var_dir=tmp_path)


@pytest.fixture(scope="session")
def hashed_password() -> str:
    return hash_password(PASSWORD)


@pytest.fixture(scope="session")
def cipher() -> MultiFernet:
    return MultiFernet([Fernet(Fernet.generate_key())])


@pytest.fixture
def adhesion(factories: SimpleNamespace, session: Session, hashed_password: str) -> Adhesion:
    """The one membership of a person who has a password."""
    made: Adhesion = factories.Adhesion(
        personne__mot_de_passe=hashed_password, personne__email="claude.modele@partenaire.example"
    )
    session.commit()
    return made
