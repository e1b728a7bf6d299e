"""What a running job sees, and how it ends."""

import threading
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.documents.models import Fichier
from portal.jobs.models import StatutTravail, Travail
from portal.shared.clock import Clock
from portal.shared.db import Database


class Interrupted(Exception):
    """The worker was asked to stop: the job goes back to the queue."""


class Lost(Exception):
    """The job was taken by another worker, or cancelled: whatever this one did must not be committed."""


class JobContext:
    """Hands a job its means. `job` is a detached copy of its row, read when it was claimed."""

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, row: Travail, stop: threading.Event
    ) -> None:
        self.database = database
        self.clock = clock
        self.settings = settings
        self.job = row
        self.completed = False
        self._stop = stop
        self._shown = 0

    @property
    def parameters(self) -> dict[str, Any]:
        """What `enqueue_job` was given."""
        return self.job.parametres

    def progress(self, percent: float) -> None:
        """Show how far the job is, in a transaction of its own; call it outside of any write transaction.

        Raises Interrupted when the worker must stop, Lost when the job is no longer this worker's.
        """
        if self._stop.is_set():
            raise Interrupted
        shown = max(0, min(99, int(percent)))
        if shown == self._shown:
            return
        self._shown = shown
        with self.database.session(write=True) as session:
            self._update(session, avancement=shown, battement_le=self.clock.now())
            session.commit()

    def complete(
        self, session: Session, result: dict[str, Any] | None = None, file: Fichier | None = None
    ) -> None:
        """End the job in the caller's transaction, so that its effects and its end are committed together.

        Raises Lost when the job is no longer this worker's: the caller's transaction must not be committed.
        """
        self._update(
            session,
            statut=StatutTravail.TERMINE,
            avancement=100,
            resultat=result or {},
            fichier_id=file.id if file else None,
            termine_le=self.clock.now(),
        )
        self.completed = True

    def _update(self, session: Session, **values: Any) -> None:
        """Write to the row if this try is still the one that holds the job."""
        mine = (
            update(Travail)
            .where(
                Travail.id == self.job.id,
                Travail.statut == StatutTravail.EN_COURS,
                Travail.essais == self.job.essais,
            )
            .values(values)
            .returning(Travail.id)
            .execution_options(synchronize_session=False)
        )
        if session.scalar(mine) is None:
            raise Lost
