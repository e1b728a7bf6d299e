"""The state of the outbox, for the technical administrator: figures, and no one's address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.notifications.models import MessageSortant, StatutMessage
from portal.notifications.service import outbox_counts


@dataclass(frozen=True)
class EtatFile:
    """How many messages stand where, since when the oldest waits, what the server last answered."""

    nombres: dict[StatutMessage, int]
    plus_ancien: datetime | None
    dernieres_erreurs: list[tuple[datetime, int, str]]  # written at, tries, the server's answer

    @property
    def abandonnes(self) -> int:
        """How many messages nobody tries to send any more."""
        return self.nombres[StatutMessage.ABANDONNE]


def etat_de_la_file(session: Session) -> EtatFile:
    """Return the state of the outbox, in three statements."""
    oldest = session.scalar(
        select(func.min(MessageSortant.created_at)).where(MessageSortant.statut == StatutMessage.A_ENVOYER)
    )
    errors = session.execute(
        select(MessageSortant.created_at, MessageSortant.essais, MessageSortant.derniere_erreur)
        .where(MessageSortant.derniere_erreur != "", MessageSortant.statut != StatutMessage.ENVOYE)
        .order_by(MessageSortant.id.desc())
        .limit(10)
    )
    return EtatFile(outbox_counts(session), oldest, [(row[0], row[1], row[2]) for row in errors])
