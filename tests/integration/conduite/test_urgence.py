"""An urgent case, from the written consultation to its confirmation, while the worker tells decisions."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.conduite import consultation, decisions, seance
from portal.commissions.enums_dossiers import StatutDecision, StatutDossier
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance.travaux import notifier
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError
from tests.integration.conduite.conftest import typed
from tests.integration.dossiers.conftest import Table
from tests.menages import ADULTES

REGLAGES = Settings(environnement="test")


@pytest.fixture
def ecrite(session: Session, clock: FixedClock, table: Table, ouvert: Dossier) -> Decision:
    """A decision taken in writing, told by the worker, its session not begun."""
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    made = consultation.consulter(session, clock, secretaire, held, ouvert)
    clock.instant += timedelta(hours=48)
    sans_consensus = typed(consensus=False)
    consultation.decider(session, clock, secretaire, made, sans_consensus, version=made.version)
    session.commit()
    return made


@pytest.fixture
def dite(database: Database, session: Session, clock: FixedClock, ecrite: Decision) -> Decision:
    """The same, told to the prescriber; its session opened."""
    assert notifier(database, clock, REGLAGES) == 1
    session.expire_all()
    assert ecrite.dossier.statut is StatutDossier.NOTIFIE
    clock.instant = ecrite.seance.debut
    return ecrite


def test_a_decision_told_at_once_still_comes_on_the_table_to_be_confirmed(
    session: Session, clock: FixedClock, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    seance.ouvrir(session, clock, secretaire, held)
    seance.examiner(session, clock, secretaire, held, dite.dossier)
    consultation.confirmer(session, clock, secretaire, dite, version=dite.version, confirme=True)
    assert dite.statut is StatutDecision.CONFIRMEE
    assert dite.dossier.statut is StatutDossier.NOTIFIE
    assert seance.clore(session, clock, secretaire, held) == 0


def test_what_awaits_its_confirmation_is_not_decided_a_second_time(
    session: Session, clock: FixedClock, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    seance.ouvrir(session, clock, secretaire, held)
    with pytest.raises(DomainError, match=r"conduite\.decide"):
        decisions.prendre(session, clock, secretaire, held, dite.dossier, typed(), version=0)


def test_a_decision_that_the_session_does_not_confirm_is_taken_back_by_writing_once(
    database: Database, session: Session, clock: FixedClock, table: Table, dite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    seance.ouvrir(session, clock, secretaire, held)
    consultation.confirmer(session, clock, secretaire, dite, version=dite.version, confirme=False)
    session.commit()
    assert notifier(database, clock, REGLAGES) == 0
    session.expire_all()
    dedit = session.scalars(
        select(MessageSortant).where(MessageSortant.sujet.contains("Décision non confirmée"))
    ).all()
    assert [one.destinataire for one in dedit] == [table.place.scene.travailleur.email]
    assert ADULTES[0].nom not in dedit[0].corps
    assert dite.dossier.statut is StatutDossier.EN_SEANCE
    assert seance.clore(session, clock, secretaire, held) == 1, "examined anew, or put off"


def test_what_nobody_was_told_is_not_taken_back(
    session: Session, clock: FixedClock, table: Table, ecrite: Decision
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    clock.instant = held.debut
    seance.ouvrir(session, clock, secretaire, held)
    consultation.confirmer(session, clock, secretaire, ecrite, version=ecrite.version, confirme=False)
    sujet = MessageSortant.sujet.contains("Décision non confirmée")
    assert session.scalars(select(MessageSortant).where(sujet)).all() == []


def test_once_the_session_is_open_it_decides_and_the_consultation_ends(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    held, secretaire = table.place.seance, table.place.scene.siao_direction
    made = consultation.consulter(session, clock, secretaire, held, ouvert)
    clock.instant = held.debut
    seance.ouvrir(session, clock, secretaire, held)
    sans = typed(consensus=False)
    with pytest.raises(DomainError, match=r"conduite\.consultation"):
        consultation.decider(session, clock, secretaire, made, sans, version=made.version)
    seance.clore(session, clock, secretaire, held)
    assert session.scalars(select(Decision)).all() == []
