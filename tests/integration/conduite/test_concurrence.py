"""Two secretaries at the same instant, each in a transaction of their own, on either engine."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import seances
from portal.commissions.conduite import decisions, queries
from portal.commissions.conduite.regles import AJOURNE
from portal.commissions.dossiers import deports
from portal.commissions.dossiers import queries as dossiers
from portal.commissions.enums_dossiers import MotifDeport, StatutDecision, StatutDossier
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.suites_seance.travaux import notifier
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import StaleVersion
from tests.integration.conduite.conftest import Tenue, typed


def test_two_secretaries_decide_at_once_one_wins_the_other_reads_it(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    depart = Barrier(2)

    def decider(actor: Actor, motif: str) -> str:
        depart.wait(timeout=30)
        with database.session(write=True) as own:
            seance, dossier = own.get_one(Seance, seance_id), own.get_one(Dossier, dossier_id)
            try:
                decisions.prendre(own, clock, actor, seance, dossier, typed(motif=motif), version=0)
                own.commit()
            except StaleVersion:
                return "overtaken"
        return motif

    seance_id, dossier_id = tenue.seance.id, tenue.dossier.id
    session.commit()
    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(decider, (tenue.secretaire, tenue.seconde), ("Premier", "Second")))
    assert told[1] == "overtaken"
    session.expire_all()
    made = session.scalars(select(Decision)).one()
    assert (made.statut, queries.lire(session, made).motif) == (StatutDecision.PRISE, told[0])


def test_a_withdrawal_and_a_decision_at_once_wait_for_each_other(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    seance_id, dossier_id, ref = tenue.seance.id, tenue.dossier.id, tenue.dossier.ref
    tenu, tenir = Event(), deports._tenir

    def tenir_longtemps(own: Session, dossier: Dossier) -> None:
        tenir(own, dossier)
        tenu.set()
        time.sleep(0.5)

    def se_deporter() -> None:
        with database.session(write=True) as own:
            vise = dossiers.vue(own, clock, tenue.table.bailleur, ref)
            deports.declarer(own, clock, tenue.table.bailleur, vise, "", MotifDeport.AUTRE)
            own.commit()

    def decider() -> None:
        assert tenu.wait(timeout=30)
        with database.session(write=True) as own:
            seance, dossier = own.get_one(Seance, seance_id), own.get_one(Dossier, dossier_id)
            decisions.prendre(own, clock, tenue.secretaire, seance, dossier, typed(), version=0)
            own.commit()

    monkeypatch.setattr(deports, "_tenir", tenir_longtemps)
    session.commit()
    with ThreadPoolExecutor(2) as pool:
        for fait in [pool.submit(se_deporter), pool.submit(decider)]:
            fait.result(timeout=60)
    session.expire_all()
    assert session.scalars(select(Decision)).one().statut is StatutDecision.PRISE
    assert len(tenue.dossier.deports) == 1


def test_a_dossier_postponed_while_the_next_session_is_cancelled_does_not_go_to_it(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    seance_id, dossier_id, suivante_id = tenue.seance.id, tenue.dossier.id, tenue.suivante.id
    annulee = Event()

    def annuler() -> None:
        with database.session(write=True) as own:
            suivante = own.get_one(Seance, suivante_id)
            seances.annuler(own, clock, tenue.seconde, suivante, "Neige.", version=suivante.version)
            annulee.set()
            time.sleep(0.5)
            own.commit()

    def ajourner() -> None:
        assert annulee.wait(timeout=30)
        with database.session(write=True) as own:
            seance, dossier = own.get_one(Seance, seance_id), own.get_one(Dossier, dossier_id)
            dite = typed(code=AJOURNE)
            decisions.prendre(own, clock, tenue.secretaire, seance, dossier, dite, version=0)
            own.commit()

    session.commit()
    with ThreadPoolExecutor(2) as pool:
        for fait in [pool.submit(annuler), pool.submit(ajourner)]:
            fait.result(timeout=60)
    session.expire_all()
    assert (tenue.dossier.statut, tenue.dossier.seance_id) == (StatutDossier.RECEVABLE, None)


def test_two_workers_tell_a_decision_once(
    database: Database, session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    decisions.prendre(session, clock, tenue.secretaire, tenue.seance, tenue.dossier, typed(), version=0)
    clock.instant = tenue.seance.fin
    session.commit()
    depart = Barrier(2)

    def dire(_worker: int) -> int:
        depart.wait(timeout=30)
        return notifier(database, clock, Settings(environnement="test"))

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(dire, range(2))) == 1
    sujet = MessageSortant.sujet.contains("la commission a décidé")
    assert len(session.scalars(select(MessageSortant).where(sujet)).all()) == 1
