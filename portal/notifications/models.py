"""The outbox: e-mails written in the same transaction as the act that causes them."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.shared.db import Base, RowId, enum_type
from portal.shared.messages import N_


class StatutMessage(Enum):
    """Where a message stands."""

    A_ENVOYER = "a_envoyer"
    EN_ATTENTE_RECAPITULATIF = "en_attente_recapitulatif"  # waits for the person's daily digest
    ENVOYE = "envoye"
    REGROUPE = "regroupe"  # left inside a digest
    ABANDONNE = "abandonne"  # refused for good, or too many tries


LIBELLES_STATUT_MESSAGE: dict[StatutMessage, str] = {
    StatutMessage.A_ENVOYER: N_("À envoyer"),
    StatutMessage.EN_ATTENTE_RECAPITULATIF: N_("Attend le récapitulatif"),
    StatutMessage.ENVOYE: N_("Envoyé"),
    StatutMessage.REGROUPE: N_("Parti dans un récapitulatif"),
    StatutMessage.ABANDONNE: N_("Abandonné"),
}


class MessageSortant(RowId, Base):
    """One e-mail to one address. `message_id` is stable: a crash can at worst repeat it."""

    __tablename__ = "message_sortant"
    __table_args__ = (
        Index("ix_message_sortant_file", "statut", "prochain_essai_le"),
        Index("ix_message_sortant_personne_id", "personne_id", "statut"),
    )

    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    personne_id: Mapped[int | None]
    destinataire: Mapped[str] = mapped_column(String(254))
    langue: Mapped[str] = mapped_column(String(2), default="fr")
    sujet: Mapped[str] = mapped_column(String(200))
    corps: Mapped[str] = mapped_column(Text)
    calendrier: Mapped[dict[str, Any] | None]  # its calendar part: see `portal.notifications.calendrier`
    urgent: Mapped[bool] = mapped_column(default=True)
    statut: Mapped[StatutMessage] = mapped_column(enum_type(StatutMessage))
    essais: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    prochain_essai_le: Mapped[datetime]
    envoye_le: Mapped[datetime | None]
    derniere_erreur: Mapped[str] = mapped_column(String(300), default="")
