"""Writing to the outbox: the e-mail is a row of the caller's transaction, sent later by the worker."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.notifications.calendrier import RendezVous
from portal.notifications.messages import render
from portal.notifications.models import MessageSortant, StatutMessage
from portal.shared.clock import Clock

DAILY = "quotidien"  # value of the accounts room's `PreferenceEnvoi` that waits for the digest


class Recipient(Protocol):
    """What the outbox reads of a person with an account."""

    @property
    def id(self) -> int: ...

    @property
    def email(self) -> str: ...

    @property
    def langue(self) -> str: ...

    @property
    def preference_envoi(self) -> Enum: ...


def enqueue(
    session: Session,
    clock: Clock,
    *,
    to: Recipient | str,
    template: str,
    context: Mapping[str, Any] | None = None,
    urgent: bool = False,
    langue: str = "fr",
    rendez_vous: RendezVous | None = None,
) -> MessageSortant:
    """Write an e-mail in the caller's transaction: no commit, no message.

    `to` is a person, written to in its language, or the address of someone who has no account yet, written
    to in `langue`. `template` is the path under `templates/emails` without its extension. What is not urgent
    waits for the daily digest of a person who chose it; what carries an appointment never does, since its
    reader's calendar takes it from the e-mail. Never put a household's data in the context.
    """
    if isinstance(to, str):
        personne_id, address, waits = None, to, False
    else:
        personne_id, address, langue = to.id, to.email, to.langue
        waits = not urgent and rendez_vous is None and to.preference_envoi.value == DAILY
    subject, body = render(template, langue, context or {})
    status = StatutMessage.EN_ATTENTE_RECAPITULATIF if waits else StatutMessage.A_ENVOYER
    message = new_message(clock, address, langue, subject, body, statut=status, urgent=urgent)
    message.personne_id = personne_id
    message.calendrier = rendez_vous.to_json() if rendez_vous is not None else None
    session.add(message)
    session.flush()
    return message


def new_message(
    clock: Clock,
    address: str,
    langue: str,
    subject: str,
    body: str,
    *,
    statut: StatutMessage = StatutMessage.A_ENVOYER,
    urgent: bool = False,
) -> MessageSortant:
    """Return a message due at once, not yet added to a session."""
    now = clock.now()
    return MessageSortant(
        message_id=secrets.token_hex(16),
        destinataire=address,
        langue=langue,
        sujet=subject,
        corps=body,
        urgent=urgent,
        statut=statut,
        created_at=now,
        prochain_essai_le=now,
    )


def take_back(session: Session, reference: str, address: str) -> int:
    """Delete the messages not gone yet that name a reference in their subject and lead to an address; return
    how many. Those given up go too: they could be sent again. A digest being sent keeps its other messages.
    """
    waiting = (StatutMessage.A_ENVOYER, StatutMessage.EN_ATTENTE_RECAPITULATIF, StatutMessage.ABANDONNE)
    keys = session.scalars(
        select(MessageSortant.id)
        .where(
            MessageSortant.statut.in_(waiting),
            MessageSortant.sujet.contains(reference, autoescape=True),
            MessageSortant.corps.contains(address, autoescape=True),
        )
        .order_by(MessageSortant.id)
    ).all()
    if keys:
        session.execute(delete(MessageSortant).where(MessageSortant.id.in_(keys)))
    return len(keys)


def outbox_counts(session: Session) -> dict[StatutMessage, int]:
    """Return how many messages stand in each state (supervision)."""
    rows = session.execute(select(MessageSortant.statut, func.count()).group_by(MessageSortant.statut))
    counts = dict.fromkeys(StatutMessage, 0)
    counts.update((status, number) for status, number in rows)
    return counts


def send_again(session: Session, clock: Clock) -> int:
    """Put the abandoned messages back in the queue, once the fault is repaired; return how many."""
    abandoned = session.scalars(
        select(MessageSortant).where(MessageSortant.statut == StatutMessage.ABANDONNE)
    ).all()
    for message in abandoned:
        message.statut, message.essais = StatutMessage.A_ENVOYER, 0
        message.prochain_essai_le = clock.now()
    session.flush()
    return len(abandoned)


def purge_old(session: Session, clock: Clock, *, days: int) -> int:
    """Delete the messages written more than `days` ago that wait for nothing any more; return how many."""
    settled = (StatutMessage.ENVOYE, StatutMessage.REGROUPE, StatutMessage.ABANDONNE)
    old = session.scalars(
        select(MessageSortant)
        .where(
            MessageSortant.statut.in_(settled),
            MessageSortant.created_at < clock.now() - timedelta(days=days),
        )
        .limit(5000)
    ).all()
    for message in old:
        session.delete(message)
    session.flush()
    return len(old)
