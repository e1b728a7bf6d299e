"""Emptying the outbox: claim, send, record, one message at a time, each claim a transaction of its own.

A claim moves the next try away by LEASE before anything is sent: a sender that dies in the middle leaves
a message that is sent again later under the same Message-ID, and two senders never take the same one.
"""

import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update

from portal.config import Settings
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.transport import NotNow, Refused, ServerDown, Transport, compose, open_transport
from portal.shared.clock import Clock
from portal.shared.db import Database

LEASE = timedelta(minutes=15)  # longer than the slowest sending
FIRST_DELAY = timedelta(minutes=1)  # doubled at each try
LONGEST_DELAY = timedelta(hours=4)
MAX_TRIES = 26  # about three days: a server down over a week-end loses nothing
PASS_SECONDS = 30.0  # a pass gives way after this long, however full the outbox

log = structlog.get_logger(__name__)


def delay_after(tries: int) -> timedelta:
    """Return how long to wait after the given number of failed tries."""
    return min(FIRST_DELAY * (1 << min(tries - 1, 20)), LONGEST_DELAY)


def send_due(database: Database, clock: Clock, settings: Settings) -> tuple[int, bool]:
    """Send the messages that are due; return (how many left, whether the server answered).

    Never raises for a mail server: what it refuses for good is abandoned with its reason, the rest is tried
    again later. A server that is down is asked once per pass, on behalf of one message.
    """
    sent, answered = 0, True
    started = time.monotonic()
    with open_transport(settings) as transport:
        while answered and time.monotonic() - started < PASS_SECONDS:
            message = claim(database, clock)
            if message is None:
                break
            left, answered = _send_one(database, clock, settings, transport, message)
            sent += left
    return sent, answered


def claim(database: Database, clock: Clock) -> MessageSortant | None:
    """Take one due message for the length of the lease, or None."""
    now = clock.now()
    due = (
        select(MessageSortant)
        .where(MessageSortant.statut == StatutMessage.A_ENVOYER, MessageSortant.prochain_essai_le <= now)
        .order_by(MessageSortant.prochain_essai_le, MessageSortant.id)
        .limit(1)
    )
    with database.session() as session:  # most often there is nothing: no write lock to find it out
        if session.scalar(due.with_only_columns(MessageSortant.id)) is None:
            return None
    with database.session(write=True) as session:
        message = session.scalar(due.with_for_update(skip_locked=True))
        if message is None:
            return None
        message.essais += 1
        message.prochain_essai_le = now + LEASE
        session.commit()
        return message


def _send_one(
    database: Database, clock: Clock, settings: Settings, transport: Transport, message: MessageSortant
) -> tuple[bool, bool]:
    """Try one claimed message and record what came of it; return (it left, the server answered)."""
    try:
        transport.send(compose(settings, message))
    except Refused as error:
        _record(database, message, StatutMessage.ABANDONNE, error=str(error))
        return False, True
    except (NotNow, ServerDown) as error:
        late = message.essais >= MAX_TRIES
        _record(
            database,
            message,
            StatutMessage.ABANDONNE if late else StatutMessage.A_ENVOYER,
            error=str(error),
            retry_at=clock.now() + delay_after(message.essais),
        )
        return False, isinstance(error, NotNow)
    _record(database, message, StatutMessage.ENVOYE, sent_at=clock.now())
    return True, True


def _record(
    database: Database,
    message: MessageSortant,
    status: StatutMessage,
    *,
    error: str = "",
    retry_at: datetime | None = None,
    sent_at: datetime | None = None,
) -> None:
    values: dict[str, object] = {"statut": status, "derniere_erreur": error[:300]}
    if retry_at is not None:
        values["prochain_essai_le"] = retry_at
    if sent_at is not None:
        # It may hold a single-use link, or where people meet: not kept once gone.
        values |= {"envoye_le": sent_at, "corps": "", "calendrier": None}
    with database.session(write=True) as session:
        session.execute(update(MessageSortant).where(MessageSortant.id == message.id).values(values))
        session.commit()
    if error:
        log.warning("mail.failed", message=message.id, tries=message.essais, status=status.value, error=error)
