"""Tables of the signature: each text frozen, who signed it, and who may sign for an organisation."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.conventions.enums import Partie
from portal.conventions.signature.enums import GenreActe
from portal.shared.db import Base, PublicRef, RowId, enum_type

_COURANT = "annule_le IS NULL AND avenant_id IS NULL"


class TexteFige(RowId, PublicRef, Base):
    """A text as it went to signature. It never changes: reopening the negotiation only says since when it
    is void, and why. At most one of a line is not void, and one of each avenant.

    `avenant_id`: the avenant whose text it is, None for that of the convention itself.
    """

    __tablename__ = "texte_fige"
    __table_args__ = (
        UniqueConstraint("convention_id", "numero"),
        Index(
            "uq_texte_fige_courant",
            "convention_id",
            unique=True,
            sqlite_where=text(_COURANT),
            postgresql_where=text(_COURANT),
        ),
        Index(
            "uq_texte_fige_avenant",
            "avenant_id",
            unique=True,
            sqlite_where=text("annule_le IS NULL"),
            postgresql_where=text("annule_le IS NULL"),
        ),
    )

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id", ondelete="CASCADE"))
    avenant_id: Mapped[int | None] = mapped_column(ForeignKey("avenant.id", ondelete="CASCADE"))
    numero: Mapped[int]
    empreinte: Mapped[str] = mapped_column(String(64))
    contenu: Mapped[dict[str, Any]]
    fige_le: Mapped[datetime]
    fige_par: Mapped[str] = mapped_column(String(160))
    annule_le: Mapped[datetime | None]
    annule_par: Mapped[str] = mapped_column(String(160), default="")
    annule_motif: Mapped[str] = mapped_column(String(500), default="")


class ActeSignature(RowId, PublicRef, Base):
    """The signature of a party on a frozen text. Only ever added to.

    `signee_le`: the day that counts; `horodatage`: the instant at which the portal received it.
    `personne_id`: who accepted on line; `fichier_id`: the scanned text, on paper.
    """

    __tablename__ = "acte_signature"
    __table_args__ = (
        UniqueConstraint("texte_fige_id", "partie"),
        Index("ix_acte_signature_fichier_id", "fichier_id"),
        Index("ix_acte_signature_delegation_fichier_id", "delegation_fichier_id"),
        Index("ix_acte_signature_personne_id", "personne_id"),
    )

    texte_fige_id: Mapped[int] = mapped_column(ForeignKey("texte_fige.id", ondelete="CASCADE"))
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    genre: Mapped[GenreActe] = mapped_column(enum_type(GenreActe))
    signee_le: Mapped[date]
    horodatage: Mapped[datetime]
    nom: Mapped[str] = mapped_column(String(160))
    qualite: Mapped[str] = mapped_column(String(160))
    delegation: Mapped[str] = mapped_column(String(300), default="")
    delegation_fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"))
    organisation: Mapped[str] = mapped_column(String(160))
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    second_facteur: Mapped[bool] = mapped_column(default=False)
    fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"))
    enregistre_par: Mapped[str] = mapped_column(String(160))


class DelegationSignature(RowId, PublicRef, Base):
    """What allows someone who is not the head of an organisation to sign for it."""

    __tablename__ = "delegation_signature"
    __table_args__ = (
        Index("ix_delegation_signature_organisation_id", "organisation_id", "personne_id"),
        Index("ix_delegation_signature_personne_id", "personne_id"),
        Index("ix_delegation_signature_fichier_id", "fichier_id"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"))
    qualite: Mapped[str] = mapped_column(String(160))
    acte: Mapped[str] = mapped_column(String(300))
    du: Mapped[date]
    au: Mapped[date | None]
    fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"))
    creee_le: Mapped[datetime]
    creee_par: Mapped[str] = mapped_column(String(160))
    retiree_le: Mapped[datetime | None]
    retiree_par: Mapped[str] = mapped_column(String(160), default="")
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)
