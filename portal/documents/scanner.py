"""The scanner hook: a command of the operator's choice looks at each file, in the worker."""

import shlex
import subprocess
import tempfile

import structlog
from sqlalchemy import select

from portal.config import Settings
from portal.documents.models import Fichier, StatutFichier
from portal.documents.storage import Storage
from portal.shared.db import Database
from portal.shared.errors import DomainError

TIMEOUT = 120  # seconds for one file
BATCH = 20

log = structlog.get_logger(__name__)


def scan_pending(database: Database, settings: Settings) -> int:
    """Scan the files that nobody looked at yet; return how many were told clean or refused.

    The command gets the path of a readable copy as its last argument and answers 0 (clean) or 1 (refused);
    anything else leaves the file unscanned, to be tried again at the next pass.
    """
    if not settings.scanner_command:
        return 0
    pending = select(Fichier).where(Fichier.statut == StatutFichier.NON_ANALYSE).order_by(Fichier.id)
    with database.session() as session:
        files = session.scalars(pending.limit(BATCH)).all()
    storage = Storage(settings)
    judged = 0
    for file in files:
        verdict = _scan(storage, file, settings.scanner_command)
        if verdict is None:
            continue
        with database.session(write=True) as session:
            row = session.get(Fichier, file.id)
            if row is not None:
                row.statut = verdict
                judged += 1
            session.commit()
        if verdict is StatutFichier.REFUSE:
            log.warning("file.refused", file=file.id, sha256=file.sha256)
    return judged


def _scan(storage: Storage, file: Fichier, command: str) -> StatutFichier | None:
    try:
        with tempfile.NamedTemporaryFile(prefix="analyse-") as copy:
            for chunk in storage.chunks(file):
                copy.write(chunk)
            copy.flush()
            done = subprocess.run(
                [*shlex.split(command), copy.name], capture_output=True, timeout=TIMEOUT, check=False
            )
    except (OSError, subprocess.TimeoutExpired, DomainError) as error:
        log.warning("file.not_scanned", file=file.id, error=str(error))
        return None
    if done.returncode not in {0, 1}:
        log.warning("file.not_scanned", file=file.id, exit=done.returncode)
        return None
    return StatutFichier.REFUSE if done.returncode else StatutFichier.SAIN
