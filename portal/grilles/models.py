"""Tables of the grid's models: national versions, those of each département, and who validated them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.conventions.enums import Partie
from portal.conventions.modeles.enums import StatutVersion
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

_BROUILLON = text("statut = 'brouillon'")
_NATIONALE = text("departement_code IS NULL")


class GrilleModele(RowId, PublicRef, Timestamps, Versioned, Base):
    """A version of the grid. Once published neither it nor its questions change (triggers refuse it).

    `departement_code`: None for the national one. `base_id`: the version that it was made from. `sections`:
    code, title and instruction of each. `empreinte`: of the content, given when it is published.
    """

    __tablename__ = "grille_modele"
    __table_args__ = (
        UniqueConstraint("departement_code", "numero"),
        Index(
            "uq_grille_modele_nationale",
            "numero",
            unique=True,
            sqlite_where=_NATIONALE,
            postgresql_where=_NATIONALE,
        ),
        Index(
            "uq_grille_modele_brouillon",
            "departement_code",
            unique=True,
            sqlite_where=_BROUILLON,
            postgresql_where=_BROUILLON,
        ),
    )

    departement_code: Mapped[str | None] = mapped_column(String(3), ForeignKey("departement.code"))
    numero: Mapped[int]
    libelle: Mapped[str] = mapped_column(String(200))
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    statut: Mapped[StatutVersion] = mapped_column(enum_type(StatutVersion))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("grille_modele.id"), index=True)
    empreinte: Mapped[str] = mapped_column(String(64), default="")
    publiee_le: Mapped[datetime | None]
    publiee_par: Mapped[str] = mapped_column(String(160), default="")

    items: Mapped[list["GrilleItem"]] = relationship(
        cascade="all, delete-orphan", order_by="GrilleItem.section, GrilleItem.rang"
    )
    validations: Mapped[list["GrilleValidation"]] = relationship(
        cascade="all, delete-orphan", order_by="GrilleValidation.id"
    )


class GrilleItem(RowId, Versioned, Base):
    """A question of one version. `champs`: what one answers, as `Champ.to_json`.

    `locale`: added by the département. `motif`, `modifie_par`: of its last change in this version.
    """

    __tablename__ = "grille_item"
    __table_args__ = (
        UniqueConstraint("modele_id", "code"),
        UniqueConstraint("modele_id", "section", "rang"),
    )

    modele_id: Mapped[int] = mapped_column(ForeignKey("grille_modele.id", ondelete="CASCADE"))
    section: Mapped[str] = mapped_column(String(1))
    rang: Mapped[int]
    code: Mapped[str] = mapped_column(String(4))
    libelle: Mapped[str] = mapped_column(String(160))
    aide: Mapped[str] = mapped_column(String(500), default="")
    champs: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    posee: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[bool] = mapped_column(default=False)
    motif: Mapped[str] = mapped_column(String(500), default="")
    modifie_le: Mapped[datetime | None]
    modifie_par: Mapped[str] = mapped_column(String(160), default="")


class GrilleValidation(RowId, Base):
    """One party's agreement to a draft as it stands; any change voids it."""

    __tablename__ = "grille_validation"
    __table_args__ = (UniqueConstraint("modele_id", "organisation_id"),)

    modele_id: Mapped[int] = mapped_column(ForeignKey("grille_modele.id", ondelete="CASCADE"))
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))

    organisation: Mapped[Organisation] = relationship()
