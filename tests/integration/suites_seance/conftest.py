"""A session that was held: who sat, a decision of the scene's household, its prescription."""

from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.enums import Presence
from portal.commissions.models import Commission
from portal.commissions.models_decisions import Decision, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.integration.dossiers.conftest import Table, inscrit, place, scene, table
from tests.suites import decider, prescrire

__all__ = ["inscrit", "place", "scene", "table"]

REGLAGES = Settings()


@dataclass
class Suite:
    """A session over since an hour, one decision in it, told to nobody yet."""

    table: Table
    commission: Commission
    seance: Seance
    dossier: Dossier
    decision: Decision
    prescription: Prescription

    @property
    def secretaire(self) -> Actor:
        """Who keeps the secretariat."""
        return self.table.place.scene.siao_direction

    @property
    def travailleur(self) -> Actor:
        """The prescriber."""
        return self.table.place.scene.travailleur


@pytest.fixture
def suite(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier, factories: SimpleNamespace
) -> Suite:
    """The session held: everybody came but the prescriber's own operator, which had excused itself."""
    held = table.place
    clock.instant = held.seance.debut + timedelta(hours=1)
    decision = decider(session, inscrit, clock.now())
    prescription = prescrire(session, decision, held.scene.bailleur, echeance=date(2026, 4, 15))
    for invitation in session.scalars(
        select(InvitationSeance).where(InvitationSeance.seance_id == held.seance.id)
    ).all():
        absent = invitation.personne_id == table.operateur.personne_id
        invitation.presence = Presence.ABSENTE if absent else Presence.PRESENTE
    clock.instant = held.seance.fin + timedelta(hours=1)
    held.commission.recours = True
    session.commit()
    return Suite(table, held.commission, held.seance, inscrit, decision, prescription)


def ecrits(session: Session, sujet: str = "") -> list[MessageSortant]:
    """Return the e-mails whose subject holds some words, the oldest first."""
    found = session.scalars(select(MessageSortant).order_by(MessageSortant.id)).all()
    return [one for one in found if sujet in one.sujet]
