"""Tables of the territory, the nomenclatures, organisations and structures."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.organisations.enums import FamilleNature, TypeOrganisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Region(Base):
    """A région (INSEE COG)."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    nom: Mapped[str] = mapped_column(String(80))


class Departement(Base):
    """A département or overseas collectivity (INSEE COG), with its IANA time zone."""

    __tablename__ = "departement"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    nom: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[str | None] = mapped_column(String(3), ForeignKey("region.code"))
    fuseau: Mapped[str] = mapped_column(String(40))


class Arrondissement(Base):
    """An arrondissement (INSEE COG)."""

    __tablename__ = "arrondissement"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    nom: Mapped[str] = mapped_column(String(120))
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"), index=True)


class Epci(Base):
    """An intercommunal body, by SIREN."""

    __tablename__ = "epci"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    nom: Mapped[str] = mapped_column(String(160))


class Commune(RowId, Base):
    """A commune (INSEE COG) with its postcodes."""

    __tablename__ = "commune"
    __table_args__ = (Index("ix_commune_departement_code_tri", "departement_code", "tri"),)

    code: Mapped[str] = mapped_column(String(5), unique=True)
    nom: Mapped[str] = mapped_column(String(120))
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    arrondissement_code: Mapped[str | None] = mapped_column(String(4), ForeignKey("arrondissement.code"))
    epci_code: Mapped[str | None] = mapped_column(String(9), ForeignKey("epci.code"), index=True)
    codes_postaux: Mapped[str] = mapped_column(String(255), default="")  # separated by spaces
    tri: Mapped[str] = mapped_column(String(120))
    texte_recherche: Mapped[str] = mapped_column(String(500))


class Nature(Base):
    """A nature de dispositif (domaine.md § 13.1)."""

    __tablename__ = "nature"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    libelle: Mapped[str] = mapped_column(String(120))
    libelle_en: Mapped[str] = mapped_column(String(120))
    famille: Mapped[FamilleNature] = mapped_column(enum_type(FamilleNature))
    ordre: Mapped[int]
    hors_accord_cadre: Mapped[bool] = mapped_column(default=False)
    table_1_s2: Mapped[str] = mapped_column(String(10), default="")


class CategorieFiness(Base):
    """A FINESS category of our field, and the nature it stands for (None: to be qualified by hand)."""

    __tablename__ = "categorie_finess"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    libelle: Mapped[str] = mapped_column(String(160))
    nature_code: Mapped[str | None] = mapped_column(String(20), ForeignKey("nature.code"))


class Organisation(RowId, PublicRef, Timestamps, Versioned, Base):
    """A legal person, seen in one role: the operator that also carries the SIAO is two rows."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index(
            "uq_organisation_siren_type",
            "siren",
            "type",
            unique=True,
            sqlite_where=text(
                "siren IS NOT NULL AND type NOT IN ('etat', 'siao') AND fusionnee_dans_id IS NULL"
            ),
            postgresql_where=text(
                "siren IS NOT NULL AND type NOT IN ('etat', 'siao') AND fusionnee_dans_id IS NULL"
            ),
        ),
        Index("ix_organisation_type_tri", "type", "tri", "id"),
        Index(
            "ix_organisation_fusionnee_dans_id",
            "fusionnee_dans_id",
            sqlite_where=text("fusionnee_dans_id IS NOT NULL"),
            postgresql_where=text("fusionnee_dans_id IS NOT NULL"),
        ),
        Index("ix_organisation_departement_code_tri", "departement_code", "tri", "id"),
    )

    nom: Mapped[str] = mapped_column(String(200))
    sigle: Mapped[str] = mapped_column(String(40), default="")
    nom_provisoire: Mapped[bool] = mapped_column(default=False)  # known by number only: to be completed
    type: Mapped[TypeOrganisation] = mapped_column(enum_type(TypeOrganisation))
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    finess_ej: Mapped[str | None] = mapped_column(String(9), index=True)
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    adresse: Mapped[str] = mapped_column(String(300), default="")
    telephone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    site: Mapped[str] = mapped_column(String(200), default="")
    fermee_le: Mapped[date | None]
    fusionnee_dans_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    tri: Mapped[str] = mapped_column(String(120))
    texte_recherche: Mapped[str] = mapped_column(String(800))

    departements: Mapped[list["OrganisationDepartement"]] = relationship(
        cascade="all, delete-orphan", order_by="OrganisationDepartement.departement_code"
    )
    categories: Mapped[list["OrganisationCategorie"]] = relationship(
        cascade="all, delete-orphan", order_by="OrganisationCategorie.categorie"
    )
    structures: Mapped[list["Structure"]] = relationship(
        back_populates="organisation", order_by="Structure.id"
    )


class OrganisationDepartement(Base):
    """A département where an organisation works (its own included)."""

    __tablename__ = "organisation_departement"
    __table_args__ = (Index("ix_organisation_departement_departement_code", "departement_code"),)

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"), primary_key=True)


class OrganisationCategorie(Base):
    """A category of art. L. 345-2-6 CASF that an organisation belongs to (domaine.md § 13.4)."""

    __tablename__ = "organisation_categorie"
    __table_args__ = (CheckConstraint("categorie BETWEEN 1 AND 11", name="categorie"),)

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    categorie: Mapped[int] = mapped_column(primary_key=True)


class Structure(RowId, PublicRef, Timestamps, Versioned, Base):
    """A place run by an organisation: shelter, residence, team."""

    __tablename__ = "structure"
    __table_args__ = (
        Index("ix_structure_departement_code_tri", "departement_code", "tri", "id"),
        Index("ix_structure_organisation_id", "organisation_id"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    nom: Mapped[str] = mapped_column(String(200))
    finess: Mapped[str | None] = mapped_column(String(9), unique=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    categorie_finess: Mapped[str | None] = mapped_column(String(4), ForeignKey("categorie_finess.code"))
    nature_a_qualifier: Mapped[bool] = mapped_column(default=False)
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    commune_code: Mapped[str | None] = mapped_column(String(5), ForeignKey("commune.code"))
    adresse: Mapped[str] = mapped_column(String(300), default="")
    telephone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    ouverte_le: Mapped[date | None]
    fermee_le: Mapped[date | None]
    finess_maj_le: Mapped[date | None]
    corriges: Mapped[list[str]] = mapped_column(default=list)  # fields set by a person: imports leave them
    tri: Mapped[str] = mapped_column(String(120))
    texte_recherche: Mapped[str] = mapped_column(String(800))

    organisation: Mapped[Organisation] = relationship(back_populates="structures")
    places: Mapped[list["StructurePlaces"]] = relationship(
        cascade="all, delete-orphan", order_by="StructurePlaces.id"
    )


class StructurePlaces(RowId, Base):
    """Places of one nature and one type in a structure; `nombre` None: not known yet."""

    __tablename__ = "structure_places"
    __table_args__ = (
        UniqueConstraint("structure_id", "nature_code", "type_place"),
        CheckConstraint("nombre >= 0", name="nombre"),
    )

    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id", ondelete="CASCADE"))
    nature_code: Mapped[str] = mapped_column(String(20), ForeignKey("nature.code"), index=True)
    type_place: Mapped[str] = mapped_column(String(30), default="")
    nombre: Mapped[int | None]


class Parametre(RowId, Versioned, Base):
    """A value marked [P] or [D] in domaine.md, changed for one département or for all (None)."""

    __tablename__ = "parametre"
    __table_args__ = (
        Index(
            "uq_parametre_departement",
            "cle",
            "departement_code",
            unique=True,
            sqlite_where=text("departement_code IS NOT NULL"),
            postgresql_where=text("departement_code IS NOT NULL"),
        ),
        Index(
            "uq_parametre_national",
            "cle",
            unique=True,
            sqlite_where=text("departement_code IS NULL"),
            postgresql_where=text("departement_code IS NULL"),
        ),
    )

    cle: Mapped[str] = mapped_column(String(60))
    departement_code: Mapped[str | None] = mapped_column(String(3), ForeignKey("departement.code"))
    valeur: Mapped[str] = mapped_column(String(200))
