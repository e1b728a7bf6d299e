"""The journal: append-only, kept so by triggers (portal.shared.ddl)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.shared.db import Base, RowId


class EntreeJournal(RowId, Base):
    """Who did what, as which membership, when. No foreign key: it outlives what it speaks of."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_objet", "objet_type", "objet_id", "id"),
        Index("ix_journal_departement_code_le", "departement_code", "le"),
        Index("ix_journal_personne_id_le", "personne_id", "le"),
    )

    le: Mapped[datetime]
    personne_id: Mapped[int | None]
    adhesion_id: Mapped[int | None]
    auteur: Mapped[str] = mapped_column(String(200))  # name and organisation as they were
    profil: Mapped[str] = mapped_column(String(40), default="")
    action: Mapped[str] = mapped_column(String(80))  # domaine:sujet:action
    objet_type: Mapped[str] = mapped_column(String(40), default="")
    objet_id: Mapped[int | None]
    objet_ref: Mapped[str] = mapped_column(String(16), default="")
    departement_code: Mapped[str | None] = mapped_column(String(3))
    changements: Mapped[dict[str, Any]]  # {field: [before, after]} or facts; never household values
    requete_id: Mapped[str] = mapped_column(String(40), default="")


class EtatTechnique(Base):
    """Small technical facts (reference data loaded, purge under way): key and value."""

    __tablename__ = "etat_technique"

    cle: Mapped[str] = mapped_column(String(60), primary_key=True)
    valeur: Mapped[str] = mapped_column(String(500), default="")
