"""The daily digest: one e-mail for all that waits for a person who chose it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.config import Settings
from portal.notifications.messages import render
from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.service import new_message
from portal.shared.clock import PARIS, Clock
from portal.shared.db import Database

WAITING = StatutMessage.EN_ATTENTE_RECAPITULATIF


def last_digest_time(now: datetime, hour: int) -> datetime:
    """Return the latest instant, past or present, when it was `hour` in Paris."""
    local = now.astimezone(ZoneInfo(PARIS))
    today = datetime.combine(local.date(), time(hour), tzinfo=ZoneInfo(PARIS))
    if today <= local:
        return today
    return datetime.combine(local.date() - timedelta(days=1), time(hour), tzinfo=ZoneInfo(PARIS))


def send_digests(database: Database, clock: Clock, settings: Settings) -> int:
    """Group what was written before the latest digest hour, per person; return how many digests were written.

    Needs no memory of the last run: a worker stopped at that hour does it when it comes back. Each digest is
    one transaction, so that a message is in one digest and only one.
    """
    limit = last_digest_time(clock.now(), settings.digest_hour)
    due = select(MessageSortant).where(MessageSortant.statut == WAITING, MessageSortant.created_at <= limit)
    with database.session() as session:
        people = session.scalars(
            due.with_only_columns(MessageSortant.personne_id).distinct().order_by(MessageSortant.personne_id)
        ).all()
    written = 0
    for personne_id in people:
        with database.session(write=True) as session:
            # On PostgreSQL a second worker waits here, then finds them grouped already.
            messages = session.scalars(
                due.where(MessageSortant.personne_id == personne_id)
                .order_by(MessageSortant.id)
                .with_for_update()
            ).all()
            if messages:
                session.add(_digest(clock, list(messages)))
                session.commit()
                written += 1
    return written


def _digest(clock: Clock, messages: list[MessageSortant]) -> MessageSortant:
    """Return the digest of one person's messages, in its latest language and to its latest address."""
    last = messages[-1]
    grouped = [{"sujet": m.sujet, "corps": _without_frame(m.corps)} for m in messages]
    subject, body = render("notifications/recapitulatif", last.langue, {"messages": grouped})
    digest = new_message(clock, last.destinataire, last.langue, subject, body)
    digest.personne_id = last.personne_id
    for message in messages:
        message.statut, message.corps = StatutMessage.REGROUPE, ""
    return digest


def _without_frame(body: str) -> str:
    """Return a message without its greeting (first paragraph) and its signature (after « -- »)."""
    text = body.split("\n-- \n", 1)[0]
    return text.split("\n\n", 1)[-1].strip()
