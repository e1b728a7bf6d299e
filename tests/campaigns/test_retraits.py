"""A withdrawal and a transmission at the same instant: nothing leaves once the withdrawal is committed.

Two threads, each with its own connection, meet again and again over one household; each order must be one
that could have happened one after the other.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.grilles.autorisations import fermeture
from portal.grilles.autorisations.enums import StatutAutorisation
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages import queries as menages
from portal.grilles.transmissions import queries, service
from portal.grilles.transmissions.models import Transmission
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, NotVisible
from tests.campaigns.conftest import SHORT
from tests.grilles_remplies import grille_figee
from tests.menages import Scene, scene, vue
from tests.transmises import autoriser

__all__ = ["scene"]

pytestmark = pytest.mark.campaign
Figure = Callable[[str, object], None]
FOIS = 50 if SHORT else 500

HASARD = 0.004  # seconds


@dataclass
class Rencontre:
    """What happened around one authorisation. Instants are those of one clock, `perf_counter`."""

    ref: str
    empreinte: str
    retiree: float = 0.0  # the withdrawal was committed before this instant
    envoyee: bool = False
    lue_apres: bool = False
    fautes: list[str] = field(default_factory=list)


def transmettre(database: Database, clock: FixedClock, actor: Actor, menage_ref: str, une: Rencontre) -> None:
    """Send, as a request would: one transaction, committed or not."""
    with database.session(write=True) as session:
        vise = menages.vue(session, clock, actor, menage_ref)
        try:
            service.transmettre(session, clock, actor, vise, une.ref, empreinte=une.empreinte)
            session.commit()
            une.envoyee = True
        except DomainError as error:
            session.rollback()
            if error.code != "transmissions.pas_d_autorisation":
                une.fautes.append(error.code)


def retirer(database: Database, clock: FixedClock, actor: Actor, menage_ref: str, une: Rencontre) -> None:
    """Withdraw, as a request would."""
    with database.session(write=True) as session:
        vise = menages.vue(session, clock, actor, menage_ref)
        fermeture.retirer(session, clock, actor, vise, une.ref)
        session.commit()
        une.retiree = time.perf_counter()


def lire(
    database: Database, clock: FixedClock, bailleur: Actor, une: Rencontre, fini: threading.Event
) -> None:
    """Read without respite, as an open page would: nothing once the withdrawal was committed."""
    while not fini.is_set():
        started = time.perf_counter()
        with database.reading() as session:
            ref = session.scalar(
                select(Transmission.ref)
                .join(Autorisation, Autorisation.id == Transmission.autorisation_id)
                .where(Autorisation.ref == une.ref)
            )
            if ref is None:
                continue
            try:
                queries.recue(session, clock, bailleur, ref)
            except NotVisible:
                continue
        if une.retiree and started > une.retiree:
            une.lue_apres = True


def together(*works: Callable[[], None], fautes: list[str]) -> None:
    """Run some works at the same instant, give or take some chance."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], None], pause: float) -> None:
        barrier.wait()
        time.sleep(pause)
        try:
            work()
        except Exception as error:  # noqa: BLE001  (told by the test, whatever it is)
            fautes.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=run, args=(work, random.random() * HASARD)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def preparer(session: Session, clock: FixedClock, scene: Scene, database: Database) -> Rencontre:
    """Return an authorisation in force, its preview read. It replaces the one before."""
    made = autoriser(session, clock, scene.travailleur, scene.menage, scene.bailleur)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    vu = service.apercu(session, clock, scene.travailleur, vise, made.ref)
    session.commit()
    return Rencontre(made.ref, vu.empreinte)


def test_nothing_leaves_after_a_withdrawal(
    database: Database, session: Session, clock: FixedClock, scene: Scene, figure: Figure
) -> None:
    actor, menage = scene.travailleur, scene.menage
    grille_figee(session, clock, actor, vue(session, clock, actor, menage))
    session.commit()
    orders: Counter[str] = Counter()
    for number in range(FOIS):
        une = preparer(session, clock, scene, database)
        fini = threading.Event()
        reader = threading.Thread(target=lire, args=(database, clock, scene.bailleur_referent, une, fini))
        if number % 5 == 0:  # reading without respite slows the others: some meetings only
            reader.start()
        together(
            lambda une=une: transmettre(database, clock, actor, menage.ref, une),  # type: ignore[misc]  # bound now
            lambda une=une: retirer(database, clock, actor, menage.ref, une),  # type: ignore[misc]  # bound now
            fautes=une.fautes,
        )
        if reader.ident is not None:
            time.sleep(0.002)
            fini.set()
            reader.join()
        assert not une.fautes
        assert not une.lue_apres
        orders["sent before the withdrawal" if une.envoyee else "not sent"] += 1
        check(database, une)
    for what, times in sorted(orders.items()):
        figure(what, times)
    figure("interleavings", FOIS)


def check(database: Database, une: Rencontre) -> None:
    """What is stored is what one order gives: withdrawn, sent if it was told so, and before."""
    with database.session() as session:
        row = session.scalars(select(Autorisation).where(Autorisation.ref == une.ref)).one()
        assert row.statut is StatutAutorisation.RETIRE
        sent = session.scalars(select(Transmission).where(Transmission.autorisation_id == row.id)).all()
        assert len(sent) == int(une.envoyee)
        if sent:
            told = journal(session, sent[0].id, "transmissions:transmission:fermer")
            assert told == 1, "sent, and its recipient not told of the withdrawal: it left after"


def journal(session: Session, key: int, action: str) -> int:
    """Return how many entries an action has about a transmission."""
    return (
        session.scalar(
            select(func.count()).where(
                EntreeJournal.objet_type == "transmission",
                EntreeJournal.objet_id == key,
                EntreeJournal.action == action,
            )
        )
        or 0
    )
