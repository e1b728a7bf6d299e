"""Tables of the end of a household's data: its requests, and the proof of what was erased."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.documents.models import Fichier
from portal.grilles.fin_de_vie.enums import GenreDemande, StatutDemande
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class DemandeMenage(RowId, PublicRef, Timestamps, Versioned, Base):
    """A household's request about its data, to be answered within a month. Encrypted: `detail`, `reponse`.

    It outlives an erasure, without the household: `code` alone names it. `fichier_id`: the copy made for it,
    encrypted, for a month.
    """

    __tablename__ = "menage_demande"
    __table_args__ = (Index("ix_menage_demande_departement_code", "departement_code", "statut", "echeance"),)

    menage_id: Mapped[int | None] = mapped_column(ForeignKey("menage.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    code: Mapped[str] = mapped_column(String(12))
    genre: Mapped[GenreDemande] = mapped_column(enum_type(GenreDemande))
    statut: Mapped[StatutDemande] = mapped_column(enum_type(StatutDemande))
    recue_le: Mapped[date]
    echeance: Mapped[date]
    recue_par: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text, default="")
    traitee_le: Mapped[datetime | None]
    traitee_par: Mapped[str] = mapped_column(String(200), default="")
    reponse: Mapped[str] = mapped_column(Text, default="")
    fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"), index=True)

    fichier: Mapped[Fichier | None] = relationship()


class PreuveEffacement(RowId, PublicRef, Base):
    """The proof, without content, that a household's data were erased. `comptes`: rows by table, files."""

    __tablename__ = "menage_effacement"
    __table_args__ = (Index("ix_menage_effacement_departement_code", "departement_code", "id"),)

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    code: Mapped[str] = mapped_column(String(12))
    motif: Mapped[str] = mapped_column(String(40))
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(200))
    comptes: Mapped[dict[str, Any]]


class PreavisEffacement(RowId, Base):
    """Whoever accompanies a household was told, on `le`, that its data will go, counting from `depuis`.

    A household (`menage_id` alone), or one unfinished grid of it. A new contact, or a new writing, moves
    `depuis`: what was told counts no more.
    """

    __tablename__ = "menage_preavis"
    __table_args__ = (UniqueConstraint("menage_id", "grille_id", "depuis"),)

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"))
    grille_id: Mapped[int | None] = mapped_column(
        ForeignKey("grille_acces.id", ondelete="CASCADE"), index=True
    )
    depuis: Mapped[date]
    le: Mapped[date]
