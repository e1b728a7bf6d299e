"""The scene of the households, its grid frozen."""

import pytest
from sqlalchemy.orm import Session

from portal.grilles.remplissage.models import GrilleAcces
from portal.shared.clock import FixedClock
from tests.grilles_remplies import grille_figee
from tests.menages import Scene, scene, vue

__all__ = ["scene"]


@pytest.fixture
def grille(session: Session, clock: FixedClock, scene: Scene) -> GrilleAcces:
    """The household's grid, frozen."""
    faite = grille_figee(
        session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage)
    )
    session.commit()
    return faite
