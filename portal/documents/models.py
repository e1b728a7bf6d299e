"""Stored files: server-made names, checked type, hash, scan state."""

from datetime import datetime
from enum import Enum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.shared.db import Base, PublicRef, RowId, enum_type


class StatutFichier(Enum):
    """What the scanner hook said."""

    NON_ANALYSE = "non_analyse"
    SAIN = "sain"
    REFUSE = "refuse"


class Fichier(RowId, PublicRef, Base):
    """A file of the private folder, named by the server. Served as an attachment only."""

    __tablename__ = "fichier"
    __table_args__ = (Index("ix_fichier_organisation_id", "organisation_id"),)

    nom: Mapped[str] = mapped_column(String(160))  # as given, cleaned; used only for the download
    chemin: Mapped[str] = mapped_column(String(80), unique=True)  # relative, random
    type_mime: Mapped[str] = mapped_column(String(100))
    taille: Mapped[int]  # bytes, before encryption
    sha256: Mapped[str] = mapped_column(String(64))
    statut: Mapped[StatutFichier] = mapped_column(enum_type(StatutFichier), default=StatutFichier.NON_ANALYSE)
    chiffre: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[int | None]
    departement_code: Mapped[str | None] = mapped_column(String(3))
    depose_par_id: Mapped[int | None]
    depose_le: Mapped[datetime]
