"""Table of the bilans."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.enums import Partie
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Bilan(RowId, PublicRef, Timestamps, Versioned, Base):
    """A bilan asked for: its period, its text, who gave it. `rang`: 0 for the final one (`regles.FINAL`).

    `indicateurs`: figures of the line as they were on the day it was given, by code; None before.
    """

    __tablename__ = "bilan"
    __table_args__ = (
        UniqueConstraint("convention_id", "rang"),
        CheckConstraint("au >= du", name="periode"),
        Index("ix_bilan_departement_code", "departement_code", "echeance", "id"),
    )

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id", ondelete="CASCADE"))
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    rang: Mapped[int]
    du: Mapped[date]
    au: Mapped[date]
    demande_le: Mapped[date]
    echeance: Mapped[date]
    statut: Mapped[StatutBilan] = mapped_column(enum_type(StatutBilan), default=StatutBilan.DEMANDE)
    engagements: Mapped[str] = mapped_column(Text, default="")
    difficultes: Mapped[str] = mapped_column(Text, default="")
    indicateurs: Mapped[dict[str, Any] | None]
    partie: Mapped[Partie | None] = mapped_column(enum_type(Partie))
    auteur: Mapped[str] = mapped_column(String(160), default="")
    rendu_le: Mapped[datetime | None]
