"""The worker: mails in one thread; jobs, scans and housekeeping in another. `tick` does one pass of each.

Several workers may run at once: every piece of work is claimed in the database.
"""

import threading
import time
from collections.abc import Callable

import structlog

from portal.config import Settings
from portal.documents.scanner import scan_pending
from portal.jobs.chores import run_chores
from portal.jobs.runner import run_due
from portal.notifications.digest import send_digests
from portal.notifications.sender import send_due
from portal.shared.clock import Clock
from portal.shared.db import Database

SLEEP = 1.0  # seconds between two looks at an empty queue
SERVER_PAUSE = 30.0  # seconds before a mail server that did not answer is asked again
AFTER_ERROR = 5.0  # seconds of rest after an error
CHORES_EVERY = 60.0  # seconds between two looks at the housekeeping

log = structlog.get_logger(__name__)


def tick(database: Database, clock: Clock, settings: Settings) -> None:
    """Do one pass: digests, mails, scans, every waiting job, housekeeping; for cron."""
    _mails(database, clock, settings)
    scan_pending(database, settings)
    while run_due(database, clock, settings):
        pass
    run_chores(database, clock, settings)


def work(
    database: Database,
    clock: Clock,
    settings: Settings,
    *,
    once: bool = False,
    stop: threading.Event | None = None,
) -> None:
    """Work until `stop` is set, or for one pass when `once`.

    A job under way when `stop` is set goes back to the queue at its next `progress`; a mail under way ends.
    """
    if once:
        tick(database, clock, settings)
        return
    stop = stop or threading.Event()
    mails = threading.Thread(
        target=_loop, args=(lambda: _mails(database, clock, settings), stop), name="courriel", daemon=True
    )
    mails.start()
    _loop(_Jobs(database, clock, settings, stop), stop)
    mails.join(timeout=settings.smtp_timeout + 1)


def _loop(one_pass: Callable[[], float], stop: threading.Event) -> None:
    """Repeat a pass, which says how long to rest; whatever it raises is logged and waited out."""
    while not stop.is_set():
        try:
            rest = one_pass()
        except Exception:
            log.exception("worker.failed")
            rest = AFTER_ERROR
        stop.wait(rest)


def _mails(database: Database, clock: Clock, settings: Settings) -> float:
    """Write the digests that are due, send what waits; return how long to rest."""
    send_digests(database, clock, settings)
    sent, answered = send_due(database, clock, settings)
    if not answered:
        return SERVER_PAUSE
    return 0 if sent else SLEEP


class _Jobs:
    """One pass over scans, jobs and housekeeping."""

    def __init__(self, database: Database, clock: Clock, settings: Settings, stop: threading.Event) -> None:
        self.means = (database, clock, settings)
        self.stop = stop
        self.next_chores = 0.0

    def __call__(self) -> float:
        database, clock, settings = self.means
        scanned = scan_pending(database, settings)
        ran = run_due(database, clock, settings, self.stop)
        if time.monotonic() >= self.next_chores:
            run_chores(database, clock, settings)
            self.next_chores = time.monotonic() + CHORES_EVERY
        return 0 if ran or scanned else SLEEP
