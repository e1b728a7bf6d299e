"""Long work: asked in a transaction, done once, told to its people only."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import portal.jobs.registry as registry
import portal.jobs.runner as runner
from portal.audit.models import EtatTechnique
from portal.config import Settings
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.documents.types import TABLEAUX
from portal.jobs.context import JobContext
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.registry import housekeeping, job
from portal.jobs.runner import MAX_TRIES, SILENCE, claim, run_due
from portal.jobs.service import (
    enqueue_job,
    errors_of,
    get_job,
    get_result_file,
    purge_old,
    recent_jobs,
)
from portal.jobs.worker import tick, work
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock, SystemClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors, NotVisible
from portal.shared.translations import translate_error


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(registry, "_JOBS", {})
    monkeypatch.setattr(registry, "_CHORES", dict(registry._CHORES))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environnement="test", var_dir=tmp_path / "var")


@pytest.fixture
def actor(actor_for: Callable[..., Actor], session: Session) -> Actor:
    made = actor_for(Profil.SIAO_DIRECTION)
    session.commit()
    return made


@pytest.fixture
def ask(session: Session, clock: FixedClock, actor: Actor) -> Callable[..., Travail]:
    """Return a function that asks for a job and commits."""

    def enqueue(kind: str = "essai", **payload: Any) -> Travail:
        row = enqueue_job(session, clock, actor, kind, payload)
        session.commit()
        return row

    return enqueue


def seen(database: Database, row: Travail) -> Travail:
    with database.session() as session:
        found = session.get(Travail, row.id)
        assert found is not None
        return found


def test_a_job_is_done_once_with_its_parameters(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    done = []

    @job("essai")
    def double(context: JobContext) -> dict[str, Any]:
        done.append(context.parameters["n"])
        context.progress(50)
        return {"double": context.parameters["n"] * 2}

    row = ask(n=21)
    assert run_due(database, clock, settings) is not None
    assert run_due(database, clock, settings) is None
    after = seen(database, row)
    assert done == [21]
    assert (after.statut, after.resultat, after.avancement) == (StatutTravail.TERMINE, {"double": 42}, 100)
    assert after.demarre_le == after.termine_le == clock.now()
    assert errors_of(after) == []


def test_progress_is_seen_while_the_job_runs(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    shown = []
    row = ask()

    @job("essai")
    def slow(context: JobContext) -> None:
        for percent in (0, 33.4, 150):
            context.progress(percent)
            shown.append(seen(database, row).avancement)

    run_due(database, clock, settings)
    assert shown == [0, 33, 99]


def test_a_job_that_was_rolled_back_does_not_exist(
    database: Database, clock: FixedClock, settings: Settings, session: Session, actor: Actor
) -> None:
    enqueue_job(session, clock, actor, "essai")
    session.rollback()
    assert run_due(database, clock, settings) is None


@pytest.mark.parametrize(
    ("error", "texts"),
    [
        (DomainError("tableau.trop_de_lignes", limite=20), ["Ce tableau dépasse 20 lignes."]),
        (
            DomainErrors([DomainError("tableau.vide"), DomainError("date_invalide", "date_fin")]),
            ["Ce tableau est vide.", "Cette date n’existe pas."],
        ),
        (RuntimeError("mot de passe secret"), ["Ce travail s’est arrêté sur une erreur inattendue."]),
    ],
    ids=["rule", "rules", "fault"],
)
def test_a_failure_is_told_in_words_of_the_person(
    database: Database,
    clock: FixedClock,
    settings: Settings,
    ask: Callable[..., Travail],
    error: Exception,
    texts: list[str],
) -> None:
    @job("essai")
    def fail(context: JobContext) -> None:
        raise error

    row = ask()
    run_due(database, clock, settings)
    after = seen(database, row)
    assert after.statut is StatutTravail.ECHOUE
    told = [translate_error(one) for one in errors_of(after)]
    assert [text.startswith(begin) for text, begin in zip(told, texts, strict=True)] == [True] * len(texts)
    assert "secret" not in f"{after.erreur} {after.resultat}"
    assert run_due(database, clock, settings) is None


def test_an_unknown_kind_fails_and_the_next_is_done(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    job("essai")(lambda context: {})
    unknown, known = ask("inconnu"), ask()
    tick(database, clock, settings)
    assert errors_of(seen(database, unknown))[0].code == "travail.genre_inconnu"
    assert seen(database, known).statut is StatutTravail.TERMINE


def test_a_job_whose_worker_died_is_taken_again_then_given_up(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    job("essai")(lambda context: {})
    row = ask()
    for _ in range(MAX_TRIES):
        assert claim(database, clock) is not None  # and this worker dies
        assert claim(database, clock) is None
        clock.instant += SILENCE + timedelta(seconds=1)
    assert run_due(database, clock, settings) is None
    after = seen(database, row)
    assert after.statut is StatutTravail.ECHOUE
    assert row.ref in translate_error(errors_of(after)[0])


def test_effects_and_end_are_committed_together_or_not_at_all(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    tries = []

    @job("essai")
    def effects(context: JobContext) -> None:
        with context.database.session(write=True) as session:
            session.add(EtatTechnique(cle=f"effet{len(tries)}"))
            tries.append(context.job.essais)
            if len(tries) == 1:  # this worker falls asleep, and another does the job meanwhile
                clock.instant += SILENCE + timedelta(seconds=1)
                session.rollback()
                assert run_due(database, clock, settings) is not None
                session.add(EtatTechnique(cle="effet-perdu"))
            context.complete(session, {"essai": context.job.essais})
            session.commit()

    row = ask()
    run_due(database, clock, settings)
    assert tries == [1, 2]
    assert seen(database, row).resultat == {"essai": 2}
    with database.session() as session:
        kept = session.scalars(select(EtatTechnique.cle).where(EtatTechnique.cle.startswith("effet")))
        assert list(kept) == ["effet1"]


def test_a_long_step_keeps_its_heartbeat(
    database: Database,
    settings: Settings,
    ask: Callable[..., Travail],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "HEARTBEAT", 0.05)
    row, beats = ask(), set()

    @job("essai")
    def long_step(context: JobContext) -> None:
        def beaten() -> bool:
            beats.add(seen(database, row).battement_le)
            return len(beats) > 3

        wait_until(beaten)

    run_due(database, SystemClock(), settings)
    assert len(beats) > 3


def test_two_workers_never_do_the_same_job(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    done: list[int] = []
    job("essai")(lambda context: done.append(context.job.id))
    rows = [ask() for _ in range(12)]
    threads = [threading.Thread(target=tick, args=(database, clock, settings)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(done) == sorted(row.id for row in rows)


def test_people_see_the_jobs_of_their_own_membership(
    database: Database,
    session: Session,
    clock: FixedClock,
    settings: Settings,
    actor: Actor,
    actor_for: Callable[..., Actor],
    ask: Callable[..., Travail],
) -> None:
    @job("essai")
    def export(context: JobContext) -> None:
        with context.database.session(write=True) as own:
            file = Storage(settings).store(own, clock, BytesIO(b"a;b\n"), "export.csv", TABLEAUX)
            context.complete(own, {"lignes": 1}, file)
            own.commit()

    row, without = ask(), ask("inconnu")
    tick(database, clock, settings)
    session.expire_all()
    other = actor_for(Profil.SIAO_DIRECTION)
    assert [r.id for r in recent_jobs(session, actor)] == [without.id, row.id]
    assert [r.id for r in recent_jobs(session, actor, kind="essai", limit=5)] == [row.id]
    assert recent_jobs(session, other) == []
    assert get_job(session, actor, row.ref).resultat == {"lignes": 1}
    assert get_result_file(session, actor, row.ref).nom == "export.csv"
    for who, ref in ((other, row.ref), (actor, "inconnue")):
        with pytest.raises(NotVisible):
            get_job(session, who, ref)
    with pytest.raises(NotVisible):
        get_result_file(session, actor, without.ref)

    clock.instant += timedelta(days=31)
    assert purge_old(session, clock, days=30) == 2
    assert session.scalar(select(Fichier)) is None


def test_the_worker_stops_and_gives_back_its_job(
    database: Database, settings: Settings, ask: Callable[..., Travail]
) -> None:
    stop, started = threading.Event(), threading.Event()

    @job("essai")
    def endless(context: JobContext) -> None:
        started.set()
        for percent in range(10_000):
            context.progress(percent % 100)
            time.sleep(0.01)

    row = ask()
    worker = threading.Thread(target=work, args=(database, SystemClock(), settings), kwargs={"stop": stop})
    worker.start()
    assert started.wait(60)
    stop.set()
    worker.join(timeout=60)
    assert not worker.is_alive()
    after = seen(database, row)
    assert (after.statut, after.essais) == (StatutTravail.EN_ATTENTE, 0)


@pytest.fixture
def running(database: Database, settings: Settings) -> Iterator[threading.Event]:
    """A worker that runs while the test does."""
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(database, SystemClock(), settings), kwargs={"stop": stop})
    worker.start()
    yield stop
    stop.set()
    worker.join(timeout=60)
    assert not worker.is_alive()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_worker_outlives_faults(
    database: Database,
    settings: Settings,
    ask: Callable[..., Travail],
    monkeypatch: pytest.MonkeyPatch,
    running: threading.Event,
) -> None:
    faults = iter([RuntimeError("panne")])

    def broken(*_args: object) -> int:
        for fault in faults:
            raise fault
        return 0

    monkeypatch.setattr("portal.jobs.worker.AFTER_ERROR", 0.1)
    monkeypatch.setattr("portal.jobs.worker.scan_pending", broken)
    job("essai")(lambda context: {})
    row = ask()
    wait_until(lambda: seen(database, row).statut is StatutTravail.TERMINE)


def test_housekeeping_keeps_its_pace_across_restarts(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    runs = []

    @housekeeping("essai", every=timedelta(hours=1))
    def count(database: Database, clock: FixedClock, settings: Settings) -> None:
        runs.append(clock.now())

    @housekeeping("casse", every=timedelta(hours=1))
    def broken(database: Database, clock: FixedClock, settings: Settings) -> None:
        raise RuntimeError

    for _ in range(2):
        work(database, clock, settings, once=True)
    assert len(runs) == 1
    clock.instant += timedelta(hours=1)
    tick(database, clock, settings)
    assert len(runs) == 2


def test_a_name_is_registered_once() -> None:
    job("essai")(lambda context: {})
    with pytest.raises(ValueError, match="twice"):
        job("essai")(lambda context: {})
    with pytest.raises(ValueError, match="twice"):
        housekeeping("travaux", every=timedelta(days=1))(lambda *means: None)


def test_a_cancelled_job_is_lost_to_its_worker(
    database: Database, clock: FixedClock, settings: Settings, ask: Callable[..., Travail]
) -> None:
    row = ask()

    @job("essai")
    def cancelled_meanwhile(context: JobContext) -> dict[str, Any]:
        with context.database.session(write=True) as session:
            session.execute(update(Travail).values(statut=StatutTravail.ANNULE))
            session.commit()
        context.progress(10)
        return {"fait": True}

    run_due(database, clock, settings)
    after = seen(database, row)
    assert (after.statut, after.resultat) == (StatutTravail.ANNULE, None)
