"""A decision is told once, whenever the worker that tells it dies."""

import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from types import SimpleNamespace

import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance.travaux import notifier
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import dossiers
from tests.campaigns.conftest import SHORT
from tests.grilles_remplies import grille_figee
from tests.menages import monter, vue
from tests.suites import decider

FORK = multiprocessing.get_context("fork")
pytestmark = pytest.mark.campaign
Figure = Callable[[str, object], None]
DECISIONS = 30 if SHORT else 200


@pytest.fixture
def decisions(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., object]
) -> int:
    """Take many decisions in a session that is over."""
    scene = monter(session, clock, factories, actor_for)  # type: ignore[arg-type]  # a fixture
    grille_figee(session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage))
    place = dossiers.monter(session, clock, scene)
    first = dossiers.inscrit(session, clock, place)
    clock.instant = place.seance.debut + timedelta(hours=1)
    names = (
        "departement_code", "commission_id", "menage_id", "organisation_id", "prescripteur_id",
        "presentation", "pieces", "depose_le", "statut", "created_at", "updated_at", "seance_id",
    )  # fmt: skip
    common = {name: getattr(first, name) for name in names}
    for rang in range(DECISIONS):
        dossier = Dossier(**common, code=f"D-K{rang:05d}")
        session.add(dossier)
        session.flush()
        decider(session, dossier, clock.now())
    clock.instant = place.seance.fin + timedelta(hours=1)
    session.commit()
    return DECISIONS


def work(url: str, now: FixedClock, says: Connection) -> None:
    """Tell what waits to be told, as the worker does, once said that it is ready."""
    database = Database(url)
    with database.session() as session:
        session.scalar(select(func.count(Decision.id)))
    says.send("ready")
    notifier(database, now, Settings(environnement="test"))


def test_a_worker_killed_while_it_tells_decisions(
    database: Database, session: Session, clock: FixedClock, decisions: int, figure: Figure
) -> None:
    url, chance, kills = make_url(database.url).render_as_string(hide_password=False), random.Random(2026), 0
    for _try in range(15 if SHORT else 60):
        said, says = FORK.Pipe(duplex=False)
        process = FORK.Process(target=work, args=(url, clock, says), daemon=True)
        process.start()
        says.close()
        said.recv()
        time.sleep(chance.random() * 0.3)  # let the kill fall anywhere in what it tells
        kills += process.is_alive()
        process.kill()
        process.join()
    told = notifier(database, clock, Settings(environnement="test"))
    session.rollback()
    written = session.scalar(
        select(func.count(MessageSortant.id)).where(MessageSortant.sujet.contains("la commission a décidé"))
    )
    waiting = session.scalar(select(func.count(Decision.id)).where(Decision.notifiee_le.is_(None)))
    figure("kills", kills)
    figure("told after the last kill", told)
    figure("decisions", decisions)
    assert waiting == 0
    assert written == decisions, "each once"
