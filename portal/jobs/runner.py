"""Taking a job, running it, recording how it ended."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.jobs.context import Interrupted, JobContext, Lost
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.registry import job_function
from portal.jobs.service import error_values
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors

HEARTBEAT = 10.0  # seconds between two signs of life of a running job
SILENCE = timedelta(minutes=2)  # without a sign of life, its worker is dead and the job taken again
MAX_TRIES = 3  # a job that kills its worker is not tried for ever

log = structlog.get_logger(__name__)


def run_due(
    database: Database, clock: Clock, settings: Settings, stop: threading.Event | None = None
) -> Travail | None:
    """Take the oldest job that waits, or whose worker died, and run it to its end.

    Returns the row as it was when taken, or None when there was nothing to do. Never raises for what the job
    does: the person reads why it failed, the log has the traceback.
    """
    row = claim(database, clock)
    if row is None:
        return None
    context = JobContext(database, clock, settings, row, stop or threading.Event())
    with heartbeat(database, clock, row):
        values = _outcome(context)
    if values is not None:
        _record(database, clock, row, values)
    return row


def claim(database: Database, clock: Clock) -> Travail | None:
    """Take one job; one that died too often is ended as failed instead, and the next is looked at."""
    now = clock.now()
    due = (
        select(Travail)
        .where(
            or_(
                Travail.statut == StatutTravail.EN_ATTENTE,
                and_(Travail.statut == StatutTravail.EN_COURS, Travail.battement_le < now - SILENCE),
            )
        )
        .order_by(Travail.id)
        .limit(1)
    )
    while True:
        with database.session() as session:  # most often there is nothing: no write lock to find it out
            if session.scalar(due.with_only_columns(Travail.id)) is None:
                return None
        with database.session(write=True) as session:
            row = session.scalar(due.with_for_update(skip_locked=True))
            if row is None:
                return None
            if row.essais >= MAX_TRIES:
                for name, value in error_values(DomainError("travail.interrompu", reference=row.ref)).items():
                    setattr(row, name, value)
                row.statut, row.termine_le = StatutTravail.ECHOUE, now
                session.commit()
                log.error("job.abandoned", job=row.id, kind=row.genre)
                continue
            row.statut = StatutTravail.EN_COURS
            row.essais += 1
            row.demarre_le = row.demarre_le or now
            row.battement_le = now
            session.commit()
            return row


@contextmanager
def heartbeat(database: Database, clock: Clock, row: Travail) -> Iterator[None]:
    """Keep saying that the job's worker is alive, from a thread of its own, however long a step takes."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT):
            try:
                with database.session(write=True) as session:
                    session.execute(_mine(row).values(battement_le=clock.now()))
                    session.commit()
            except SQLAlchemyError as error:  # a long write transaction of the job itself: the next will do
                log.info("job.heartbeat_missed", job=row.id, error=type(error).__name__)

    thread = threading.Thread(target=beat, name=f"battement-{row.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=HEARTBEAT)


def _outcome(context: JobContext) -> dict[str, Any] | None:
    """Run the job and return the columns that tell how it ended; None when there is nothing to write."""
    row = context.job
    function = job_function(row.genre)
    if function is None:
        return _failed(DomainError("travail.genre_inconnu", genre=row.genre))
    log.info("job.started", job=row.id, kind=row.genre, tries=row.essais)
    try:
        result = function(context)
    except Interrupted:
        log.info("job.interrupted", job=row.id, kind=row.genre)
        return {"statut": StatutTravail.EN_ATTENTE, "essais": row.essais - 1}
    except Lost:
        log.warning("job.lost", job=row.id, kind=row.genre)
        return None
    except (DomainError, DomainErrors) as error:
        log.info("job.refused", job=row.id, kind=row.genre, error=str(error))
        return _failed(error)
    except Exception:
        log.exception("job.failed", job=row.id, kind=row.genre)
        return _failed(DomainError("travail.inattendu", reference=row.ref))
    log.info("job.done", job=row.id, kind=row.genre)
    if context.completed:
        return None
    return {"statut": StatutTravail.TERMINE, "avancement": 100, "resultat": result or {}}


def _failed(error: DomainError | DomainErrors) -> dict[str, Any]:
    return {"statut": StatutTravail.ECHOUE, **error_values(error)}


def _record(database: Database, clock: Clock, row: Travail, values: dict[str, Any]) -> None:
    """Write how the job ended, unless another worker took it meanwhile."""
    if values["statut"] is not StatutTravail.EN_ATTENTE:
        values["termine_le"] = clock.now()
    with database.session(write=True) as session:
        session.execute(_mine(row).values(values))
        session.commit()


def _mine(row: Travail) -> Any:
    return (
        update(Travail)
        .where(Travail.id == row.id, Travail.statut == StatutTravail.EN_COURS, Travail.essais == row.essais)
        .execution_options(synchronize_session=False)
    )
