"""Housekeeping: each task at its own pace, remembered in the database so that no restart repeats it."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit.models import EtatTechnique
from portal.config import Settings
from portal.documents.storage import Storage
from portal.jobs import service as jobs
from portal.jobs.registry import Chore, chores, housekeeping
from portal.notifications import service as notifications
from portal.shared.clock import Clock
from portal.shared.db import Database

KEEP_MESSAGES = 90  # days
KEEP_JOBS = 30  # days

log = structlog.get_logger(__name__)


def run_chores(database: Database, clock: Clock, settings: Settings) -> list[str]:
    """Run the tasks whose time has come; return their names. One that fails does not stop the others."""
    done = []
    for chore in chores():
        if not _take(database, clock, chore):
            continue
        try:
            chore.run(database, clock, settings)
        except Exception:
            log.exception("chore.failed", chore=chore.name)
        done.append(chore.name)
    return done


def _take(database: Database, clock: Clock, chore: Chore) -> bool:
    """Note that a task runs now, if its time has come; only one worker gets it."""
    key, now = f"menage:{chore.name}", clock.now()
    row = select(EtatTechnique).where(EtatTechnique.cle == key)
    with database.session() as session:
        if not _due(session.scalar(row), now, chore.every):
            return False
    with database.session(write=True) as session:
        known = session.scalar(row.with_for_update(skip_locked=True))
        if known is None:
            session.add(EtatTechnique(cle=key, valeur=now.isoformat()))
        elif _due(known, now, chore.every):
            known.valeur = now.isoformat()
        else:
            return False
        try:
            session.commit()
        except IntegrityError:  # another worker runs it for the first time, right now
            return False
        return True


def _due(known: EtatTechnique | None, now: datetime, every: timedelta) -> bool:
    return known is None or now - datetime.fromisoformat(known.valeur) >= every


@housekeeping("messages", every=timedelta(days=1))
def purge_messages(database: Database, clock: Clock, _settings: Settings) -> None:
    """Forget the messages that left long ago."""
    with database.session(write=True) as session:
        notifications.purge_old(session, clock, days=KEEP_MESSAGES)
        session.commit()


@housekeeping("travaux", every=timedelta(days=1))
def purge_jobs(database: Database, clock: Clock, _settings: Settings) -> None:
    """Forget the jobs that ended long ago, with the files they made."""
    with database.session(write=True) as session:
        jobs.purge_old(session, clock, days=KEEP_JOBS)
        session.commit()


@housekeeping("fichiers", every=timedelta(days=1))
def sweep_files(database: Database, clock: Clock, settings: Settings) -> None:
    """Delete the files that no row names any more."""
    Storage(settings).sweep(database, clock)
