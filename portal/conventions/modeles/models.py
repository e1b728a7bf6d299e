"""Tables of the models: national versions, their adoption, the département's green versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.modeles.enums import Source, StatutImport, StatutVersion
from portal.documents.models import Fichier
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

_BROUILLON = text("statut = 'brouillon'")


class ModeleVersion(RowId, PublicRef, Timestamps, Versioned, Base):
    """A version of one model. Once published its content never changes (a trigger refuses it).

    `departement_code`: None for a model that every département may use. `contenu`: `Modele.to_json`.
    `fichier_id`: the Word file it was read from.
    """

    __tablename__ = "modele_version"
    __table_args__ = (
        Index(
            "uq_modele_version_nationale",
            "gabarit",
            "numero",
            unique=True,
            sqlite_where=text("departement_code IS NULL"),
            postgresql_where=text("departement_code IS NULL"),
        ),
        UniqueConstraint("departement_code", "gabarit", "numero"),
    )

    gabarit: Mapped[Gabarit] = mapped_column(enum_type(Gabarit))
    numero: Mapped[int]
    libelle: Mapped[str] = mapped_column(String(200))
    source: Mapped[Source] = mapped_column(enum_type(Source))
    statut: Mapped[StatutVersion] = mapped_column(enum_type(StatutVersion))
    departement_code: Mapped[str | None] = mapped_column(String(3), ForeignKey("departement.code"))
    contenu: Mapped[dict[str, Any]]
    empreinte: Mapped[str] = mapped_column(String(64))
    fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"), index=True)
    publiee_le: Mapped[datetime | None]
    publiee_par: Mapped[str] = mapped_column(String(160), default="")


class ModeleAdoption(RowId, Base):
    """The express adoption of a version by the State or a SIAO, for one département."""

    __tablename__ = "modele_adoption"
    __table_args__ = (
        UniqueConstraint(
            "departement_code", "modele_version_id", "organisation_id", name="uq_modele_adoption"
        ),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    modele_version_id: Mapped[int] = mapped_column(ForeignKey("modele_version.id"), index=True)
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))


class VersionDepartementale(RowId, PublicRef, Timestamps, Versioned, Base):
    """The green parts of a département. Any change of a field gives it a new `version`."""

    __tablename__ = "version_departementale"
    __table_args__ = (
        UniqueConstraint("departement_code", "numero"),
        Index(
            "uq_version_departementale_brouillon",
            "departement_code",
            unique=True,
            sqlite_where=_BROUILLON,
            postgresql_where=_BROUILLON,
        ),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    numero: Mapped[int]
    statut: Mapped[StatutVersion] = mapped_column(enum_type(StatutVersion))
    general_id: Mapped[int] = mapped_column(ForeignKey("modele_version.id"), index=True)
    simplifie_id: Mapped[int] = mapped_column(ForeignKey("modele_version.id"), index=True)
    publiee_le: Mapped[datetime | None]
    publiee_par: Mapped[str] = mapped_column(String(160), default="")

    general: Mapped[ModeleVersion] = relationship(foreign_keys=[general_id])
    simplifie: Mapped[ModeleVersion] = relationship(foreign_keys=[simplifie_id])
    champs: Mapped[list["VersionDepartementaleChamp"]] = relationship(
        cascade="all, delete-orphan", order_by="VersionDepartementaleChamp.id"
    )
    validations: Mapped[list["VersionDepartementaleValidation"]] = relationship(
        cascade="all, delete-orphan", order_by="VersionDepartementaleValidation.id"
    )


class VersionDepartementaleChamp(RowId, Versioned, Base):
    """A green value that differs from the model's, shared by both models.

    `parametre_code`: "" for the text of a whole green clause.
    """

    __tablename__ = "version_departementale_champ"
    __table_args__ = (
        UniqueConstraint(
            "version_id", "clause_code", "parametre_code", name="uq_version_departementale_champ"
        ),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("version_departementale.id", ondelete="CASCADE"))
    clause_code: Mapped[str] = mapped_column(String(40))
    parametre_code: Mapped[str] = mapped_column(String(60), default="")
    valeur: Mapped[str] = mapped_column(Text)
    motif: Mapped[str] = mapped_column(String(500), default="")
    modifie_le: Mapped[datetime]
    modifie_par: Mapped[str] = mapped_column(String(160))


class VersionDepartementaleValidation(RowId, Base):
    """One party's agreement to a version as it stands; any change voids it."""

    __tablename__ = "version_departementale_validation"
    __table_args__ = (UniqueConstraint("version_id", "organisation_id"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("version_departementale.id", ondelete="CASCADE"))
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))

    organisation: Mapped[Organisation] = relationship()


class ModeleImport(RowId, PublicRef, Timestamps, Versioned, Base):
    """A Word model being reread before it becomes a version: one at a time per département and model.

    The row goes away once published (the version keeps its `ref`) or abandoned; the journal remembers it.
    `lu`: the document as read (`memoire.to_plain`) and what was told of it. `contenu`: what was understood,
    with the corrections so far. `origine`: what the document says where the corrections say otherwise.
    """

    __tablename__ = "modele_import"
    __table_args__ = (UniqueConstraint("departement_code", "gabarit", name="uq_modele_import_en_cours"),)

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    gabarit: Mapped[Gabarit] = mapped_column(enum_type(Gabarit))
    libelle: Mapped[str] = mapped_column(String(200))
    statut: Mapped[StatutImport] = mapped_column(enum_type(StatutImport))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    depose_par: Mapped[str] = mapped_column(String(160))
    fichier_id: Mapped[int] = mapped_column(ForeignKey("fichier.id"), index=True)
    lu: Mapped[dict[str, Any]]
    contenu: Mapped[dict[str, Any]]
    origine: Mapped[dict[str, Any]]
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)

    fichier: Mapped[Fichier] = relationship()
    etapes: Mapped[list["ModeleImportEtape"]] = relationship(
        cascade="all, delete-orphan", order_by="ModeleImportEtape.rang"
    )
    accords: Mapped[list["ModeleImportAccord"]] = relationship(
        cascade="all, delete-orphan", order_by="ModeleImportAccord.id"
    )


class ModeleImportEtape(RowId, Base):
    """One correction, and how to go back: `avant` holds the articles that it changed, as they were."""

    __tablename__ = "modele_import_etape"
    __table_args__ = (UniqueConstraint("import_id", "rang"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("modele_import.id", ondelete="CASCADE"))
    rang: Mapped[int]
    acte: Mapped[str] = mapped_column(String(40))
    clause_code: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[dict[str, Any]]
    avant: Mapped[dict[str, Any]]
    cle: Mapped[str] = mapped_column(String(40), default="")
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))


class ModeleImportAccord(RowId, Base):
    """One party's agreement to an import as it stands; any correction voids it."""

    __tablename__ = "modele_import_accord"
    __table_args__ = (UniqueConstraint("import_id", "organisation_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("modele_import.id", ondelete="CASCADE"))
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))
