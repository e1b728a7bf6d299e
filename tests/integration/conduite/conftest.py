"""A session held with one dossier on its agenda, its papers open, the secretariat ready."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.commissions.conduite import seance as service
from portal.commissions.conduite.saisie import SaisieDecision
from portal.commissions.enums import Presence
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests import dossiers
from tests.dossiers import Place
from tests.integration.dossiers.conftest import Table, inscrit, ouvert, place, scene, table

__all__ = ["inscrit", "ouvert", "place", "scene", "table"]

Avancer = Callable[[Session], None]


@dataclass
class Tenue:
    """A session under way: its dossier on the table, everyone there, a second session two weeks later."""

    place: Place
    table: Table
    dossier: Dossier
    suivante: Seance
    secretaire: Actor
    seconde: Actor  # another person of the secretariat

    @property
    def seance(self) -> Seance:
        """The session held."""
        return self.place.seance

    @property
    def url(self) -> str:
        """Its address."""
        return f"/seances/{self.seance.ref}/conduite"


@pytest.fixture
def tenue(
    session: Session,
    clock: FixedClock,
    table: Table,
    ouvert: Dossier,
    actor_for: Callable[..., Actor],
) -> Tenue:
    """The session opened at its time, the dossier on the table."""
    held = table.place
    suivante = dossiers.seance(session, clock, held.commission, jours=28)
    clock.instant = held.seance.debut + timedelta(minutes=5)
    for one in held.seance.invitations:
        one.presence = Presence.PRESENTE
    secretaire = held.scene.siao_direction
    service.ouvrir(session, clock, secretaire, held.seance)
    service.examiner(session, clock, secretaire, held.seance, ouvert)
    session.commit()
    seconde = actor_for(secretaire.profil, held.scene.siao)
    return Tenue(held, table, ouvert, suivante, secretaire, seconde)


def typed(**champs: object) -> SaisieDecision:
    """Return a decision that a commission by consensus takes."""
    values: dict[str, object] = {
        "code": "ORIENTATION_VALIDEE",
        "motif": "Logement adapté au projet du ménage.",
        "consensus": True,
    }
    return SaisieDecision(**(values | champs))  # type: ignore[arg-type]  # its fields
