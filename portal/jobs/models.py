"""Long work: a row, a progress, a result."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.shared.db import Base, PublicRef, RowId, enum_type
from portal.shared.messages import N_


class StatutTravail(Enum):
    """Where a job stands."""

    EN_ATTENTE = "en_attente"
    EN_COURS = "en_cours"
    TERMINE = "termine"
    ECHOUE = "echoue"
    ANNULE = "annule"  # undone or cancelled by a person


LIBELLES_STATUT_TRAVAIL: dict[StatutTravail, str] = {
    StatutTravail.EN_ATTENTE: N_("En attente"),
    StatutTravail.EN_COURS: N_("En cours"),
    StatutTravail.TERMINE: N_("Terminé"),
    StatutTravail.ECHOUE: N_("Échoué"),
    StatutTravail.ANNULE: N_("Annulé"),
}


class Travail(RowId, PublicRef, Base):
    """One long task, followed by the membership that asked for it and nobody else (`service.visible_to`)."""

    __tablename__ = "travail"
    __table_args__ = (
        Index("ix_travail_file", "statut", "id"),
        Index("ix_travail_adhesion_id", "adhesion_id", "id"),
    )

    genre: Mapped[str] = mapped_column(String(60))  # key of the registry, e.g. « conventions:import »
    statut: Mapped[StatutTravail] = mapped_column(enum_type(StatutTravail), default=StatutTravail.EN_ATTENTE)
    personne_id: Mapped[int]
    adhesion_id: Mapped[int]
    organisation_id: Mapped[int]
    departement_code: Mapped[str | None] = mapped_column(String(3))
    parametres: Mapped[dict[str, Any]]
    resultat: Mapped[dict[str, Any] | None]
    fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"))
    avancement: Mapped[int] = mapped_column(default=0)  # per cent
    erreur: Mapped[str] = mapped_column(String(500), default="")
    essais: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    demarre_le: Mapped[datetime | None]
    battement_le: Mapped[datetime | None]  # heartbeat: a job whose worker died is taken again
    termine_le: Mapped[datetime | None]
