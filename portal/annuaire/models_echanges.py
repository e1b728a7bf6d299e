"""Tables of what comes in and goes out: column matchings, and what an import changed, to be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.shared.db import Base, RowId


class CorrespondanceAnnuaire(RowId, Base):
    """The column matching last used by an organisation to import entries of the directory."""

    __tablename__ = "annuaire_correspondance"
    __table_args__ = (UniqueConstraint("organisation_id", "entetes_hash"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    entetes_hash: Mapped[str] = mapped_column(String(64))
    colonnes: Mapped[dict[str, Any]]


class FicheImportee(RowId, Base):
    """An entry that an import opened or changed. It goes away with the job, or with the entry.

    `avant`: what it was, None when the import opened it; `le`: its date of change once imported, so that
    whoever changed it since is not undone.
    """

    __tablename__ = "annuaire_fiche_importee"
    __table_args__ = (
        UniqueConstraint("travail_id", "referent_id"),
        Index("ix_annuaire_fiche_importee_referent_id", "referent_id"),
    )

    travail_id: Mapped[int] = mapped_column(ForeignKey("travail.id", ondelete="CASCADE"))
    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id", ondelete="CASCADE"))
    avant: Mapped[dict[str, Any] | None]
    le: Mapped[datetime]
