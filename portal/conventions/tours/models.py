"""Tables of the collective rounds: the round, who takes part, its meetings, its common base, the answers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.conventions.redaction.enums import Position
from portal.conventions.tours.enums import Reponse, StatutTour
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

_OUVERT = text("statut = 'ouvert'")


class Tour(RowId, PublicRef, Timestamps, Versioned, Base):
    """A round on one nature, with one SIAO, on the département's version of the day it was opened.

    `numero`: grows by one at each change, so that the pages of its leaders know that something is new.
    `motif`: why it was reopened or abandoned.
    """

    __tablename__ = "tour"
    __table_args__ = (
        Index(
            "uq_tour_ouvert",
            "siao_id",
            "nature_code",
            unique=True,
            sqlite_where=_OUVERT,
            postgresql_where=_OUVERT,
        ),
        Index("ix_tour_departement_code", "departement_code", "statut"),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    siao_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    etat_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    nature_code: Mapped[str] = mapped_column(String(20), ForeignKey("nature.code"), index=True)
    version_departementale_id: Mapped[int] = mapped_column(
        ForeignKey("version_departementale.id"), index=True
    )
    intitule: Mapped[str] = mapped_column(String(160), default="")
    statut: Mapped[StatutTour] = mapped_column(enum_type(StatutTour), default=StatutTour.OUVERT)
    motif: Mapped[str] = mapped_column(String(1000), default="")
    numero: Mapped[int] = mapped_column(default=1)
    ouvert_par: Mapped[str] = mapped_column(String(160))
    clos_le: Mapped[datetime | None]
    clos_par: Mapped[str] = mapped_column(String(160), default="")
    socle_annonce_le: Mapped[datetime | None]  # when operators were last told that the base changed
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)


class TourParticipant(RowId, PublicRef, Base):
    """An operator at the table. `retire_le`: it no longer is, what it had said stays.

    `bilan`: what the last closing did to its convention (`cloture.Bilan`).
    """

    __tablename__ = "tour_participant"
    __table_args__ = (UniqueConstraint("tour_id", "operateur_id"),)

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id", ondelete="CASCADE"))
    operateur_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    ajoute_le: Mapped[datetime]
    ajoute_par: Mapped[str] = mapped_column(String(160))
    retire_le: Mapped[datetime | None]
    bilan: Mapped[dict[str, Any] | None]


class TourReunion(RowId, PublicRef, Timestamps, Versioned, Base):
    """A meeting of the round. Every participant reads its notes."""

    __tablename__ = "tour_reunion"

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id", ondelete="CASCADE"), index=True)
    le: Mapped[date]
    heure: Mapped[str] = mapped_column(String(40), default="")
    lieu: Mapped[str] = mapped_column(String(200), default="")
    ordre_du_jour: Mapped[str] = mapped_column(Text, default="")
    participants: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)


class TourClause(RowId, Versioned, Base):
    """A clause of the round and its base. `texte`: the base's own words, None for the département's.

    `position_*`: where State and SIAO stand on the base itself.
    """

    __tablename__ = "tour_clause"
    __table_args__ = (UniqueConstraint("tour_id", "code"),)

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    attention: Mapped[bool] = mapped_column(default=False)
    texte: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime]
    position_etat: Mapped[Position | None] = mapped_column(enum_type(Position, name="position_etat"))
    etat_le: Mapped[datetime | None]
    etat_par: Mapped[str] = mapped_column(String(160), default="")
    position_siao: Mapped[Position | None] = mapped_column(enum_type(Position, name="position_siao"))
    siao_le: Mapped[datetime | None]
    siao_par: Mapped[str] = mapped_column(String(160), default="")


class TourClauseValeur(Base):
    """The base's value of a yellow parameter; without a row, the model's default."""

    __tablename__ = "tour_clause_valeur"

    clause_id: Mapped[int] = mapped_column(ForeignKey("tour_clause.id", ondelete="CASCADE"), primary_key=True)
    parametre_code: Mapped[str] = mapped_column(String(60), primary_key=True)
    valeur: Mapped[str] = mapped_column(Text)


class TourReponse(RowId, Versioned, Base):
    """What one operator says of one clause, and what State and SIAO say of its departure.

    A departure keeps every value (and the whole text of a yellow clause), not the differences alone: what
    the operator proposed does not move when the base does.
    """

    __tablename__ = "tour_reponse"
    __table_args__ = (
        UniqueConstraint("clause_id", "participant_id"),
        Index("ix_tour_reponse_participant_id", "participant_id"),
    )

    clause_id: Mapped[int] = mapped_column(ForeignKey("tour_clause.id", ondelete="CASCADE"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("tour_participant.id", ondelete="CASCADE"))
    reponse: Mapped[Reponse] = mapped_column(enum_type(Reponse))
    texte: Mapped[str | None] = mapped_column(Text)
    valeurs: Mapped[dict[str, Any]]
    motif: Mapped[str] = mapped_column(String(1000), default="")
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))
    position_etat: Mapped[Position | None] = mapped_column(enum_type(Position, name="position_etat"))
    motif_etat: Mapped[str] = mapped_column(String(1000), default="")
    etat_le: Mapped[datetime | None]
    etat_par: Mapped[str] = mapped_column(String(160), default="")
    position_siao: Mapped[Position | None] = mapped_column(enum_type(Position, name="position_siao"))
    motif_siao: Mapped[str] = mapped_column(String(1000), default="")
    siao_le: Mapped[datetime | None]
    siao_par: Mapped[str] = mapped_column(String(160), default="")
