"""Tables of the CTP: one line is one (operator, SIAO) pair with the State of that département."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.annuaire.models import Referent
from portal.comptes.models import Personne
from portal.conventions.enums import OUVERTS, Mode, Partie, Statut
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

# What filters read beside the sort key: kept in the indexes of the list, so that lines left out are not read.
_LUS = ("statut", "fin_effective", "date_effet", "mode")
_OUVERTE = "statut IN (" + ", ".join(f"'{statut.value}'" for statut in OUVERTS) + ")"

TOUJOURS = date(1, 1, 1)
"""First day of a nature that a convention covers without any avenant."""


class Convention(RowId, PublicRef, Timestamps, Versioned, Base):
    """A CTP (domaine.md § 5). `fin_effective`: last day really valid, cut by an act, never by time alone."""

    __tablename__ = "convention"
    __table_args__ = (
        CheckConstraint("date_fin IS NULL OR date_effet IS NULL OR date_fin >= date_effet", name="dates"),
        CheckConstraint(
            "statut <> 'signee' OR (date_effet IS NOT NULL AND date_fin IS NOT NULL "
            "AND fin_effective IS NOT NULL AND date_signature IS NOT NULL)",
            name="signee_datee",
        ),
        CheckConstraint("operateur_id <> siao_id", name="parties"),
        CheckConstraint("responsable_id IS NULL OR responsable_fonction_id IS NULL", name="en_charge"),
        Index(
            "uq_convention_ouverte",
            "operateur_id",
            "siao_id",
            unique=True,
            sqlite_where=text(_OUVERTE),
            postgresql_where=text(_OUVERTE),
        ),
        Index(
            "ix_convention_departement_code_operateur_tri", "departement_code", "operateur_tri", "id", *_LUS
        ),
        Index("ix_convention_departement_code_date_cible", "departement_code", "date_cible", "id", *_LUS),
        Index("ix_convention_departement_code_fin_tri", "departement_code", "fin_tri", "id", *_LUS),
        Index("ix_convention_departement_code_updated_at", "departement_code", "updated_at", "id"),
        Index(
            "ix_convention_departement_code_statut",
            "departement_code",
            "statut",
            "fin_effective",
            "date_effet",
            "resiliation_effet",
        ),
        Index(
            "ix_convention_couple",
            "operateur_id",
            "siao_id",
            "statut",
            "fin_effective",
            "date_effet",
            "resiliation_effet",
        ),
        Index("ix_convention_siao_id_operateur_tri", "siao_id", "operateur_tri", "id", *_LUS),
        Index("ix_convention_siao_id_date_cible", "siao_id", "date_cible", "id", *_LUS),
        Index("ix_convention_siao_id_fin_tri", "siao_id", "fin_tri", "id", *_LUS),
        Index("ix_convention_siao_id_updated_at", "siao_id", "updated_at", "id"),
        Index(
            "ix_convention_siao_id_statut",
            "siao_id",
            "statut",
            "fin_effective",
            "date_effet",
            "resiliation_effet",
        ),
        Index("ix_convention_etat_id", "etat_id"),
        Index("ix_convention_import_id", "import_id"),
        Index("ix_convention_responsable_id", "responsable_id"),
        Index("ix_convention_responsable_fonction_id", "responsable_fonction_id"),
        Index("ix_convention_remplace_id", "remplace_id", unique=True),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    etat_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    siao_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    operateur_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    statut: Mapped[Statut] = mapped_column(enum_type(Statut), default=Statut.A_ENGAGER)
    statut_avant_suspension: Mapped[Statut | None] = mapped_column(
        enum_type(Statut, name="statut_avant_suspension")
    )
    statut_depuis: Mapped[datetime]  # « blocked for how long »
    motif: Mapped[str] = mapped_column(String(500), default="")  # why suspended, without object, terminated
    mode: Mapped[Mode | None] = mapped_column(enum_type(Mode))
    dialogue_gestion_le: Mapped[date | None]  # S0: one to one, at the « dialogue de gestion »
    ouverte_le: Mapped[date | None]  # start of the project: C4 counts days from here to the signature
    date_cible: Mapped[date]
    # That of the département on the day it goes to signature: a rule that changes later moves nobody's turn.
    ordre_signatures: Mapped[str | None] = mapped_column(String(40))
    date_signature: Mapped[date | None]  # that of the last signature
    date_effet: Mapped[date | None]
    date_fin: Mapped[date | None]  # last day of validity (D2)
    fin_effective: Mapped[date | None]
    fin_tri: Mapped[date] = mapped_column(default=date(9999, 12, 31))  # fin_effective, or far away: sort key
    tacite_reconduction: Mapped[bool] = mapped_column(default=False)
    mise_en_demeure_le: Mapped[date | None]  # formal notice that came before a termination
    resiliation_notifiee_le: Mapped[date | None]
    resiliation_effet: Mapped[date | None]  # first day without the convention
    resiliee_par: Mapped[Partie | None] = mapped_column(enum_type(Partie))
    remplace_id: Mapped[int | None] = mapped_column(ForeignKey("convention.id"))  # its predecessor
    reprise: Mapped[bool] = mapped_column(default=False)  # signed elsewhere, entered afterwards
    # In charge: someone by name, or whoever holds a function of the directory; never both.
    responsable_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    responsable_fonction_id: Mapped[int | None] = mapped_column(ForeignKey("referent.id"))
    notes: Mapped[str] = mapped_column(Text, default="")
    si_siao_copiee_le: Mapped[datetime | None]
    si_siao_copiee_par: Mapped[str] = mapped_column(String(160), default="")
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)
    # So that an import can be undone; the job itself is forgotten long after, the line stays.
    import_id: Mapped[int | None] = mapped_column(ForeignKey("travail.id", ondelete="SET NULL"))
    operateur_tri: Mapped[str] = mapped_column(String(120))
    texte_recherche: Mapped[str] = mapped_column(String(800))

    etat: Mapped[Organisation] = relationship(foreign_keys=[etat_id])
    siao: Mapped[Organisation] = relationship(foreign_keys=[siao_id])
    operateur: Mapped[Organisation] = relationship(foreign_keys=[operateur_id])
    responsable: Mapped[Personne | None] = relationship()
    responsable_fonction: Mapped[Referent | None] = relationship()
    natures: Mapped[list["ConventionNature"]] = relationship(
        cascade="all, delete-orphan",
        order_by="(ConventionNature.nature_code, ConventionNature.depuis)",
    )
    signatures: Mapped[list["ConventionSignature"]] = relationship(
        cascade="all, delete-orphan", order_by="ConventionSignature.partie"
    )
    cibles: Mapped[list["ConventionDateCible"]] = relationship(
        cascade="all, delete-orphan", order_by="ConventionDateCible.id.desc()"
    )
    documents: Mapped[list["ConventionDocument"]] = relationship(
        cascade="all, delete-orphan", order_by="ConventionDocument.id"
    )
    classement: Mapped["ConventionClassement | None"] = relationship(cascade="all, delete-orphan")
    predecesseur: Mapped["Convention | None"] = relationship(remote_side="Convention.id")


class ConventionNature(Base):
    """A nature covered by a CTP and its places (None: not known), for as long as it covers it.

    `depuis`, `jusqu_au`: first and last day, which only an avenant gives; TOUJOURS: from its first day on.
    `portal.conventions.natures` says which ones count on a day.
    """

    __tablename__ = "convention_nature"
    __table_args__ = (
        CheckConstraint("places >= 0", name="places"),
        CheckConstraint("jusqu_au >= depuis", name="periode"),
        Index("ix_convention_nature_nature_code", "nature_code", "convention_id"),
    )

    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention.id", ondelete="CASCADE"), primary_key=True
    )
    nature_code: Mapped[str] = mapped_column(String(20), ForeignKey("nature.code"), primary_key=True)
    depuis: Mapped[date] = mapped_column(default=TOUJOURS, primary_key=True)
    places: Mapped[int | None]
    jusqu_au: Mapped[date | None]


class ConventionSignature(Base):
    """The signature of one party, as recorded: its date, who signed, who recorded it."""

    __tablename__ = "convention_signature"

    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention.id", ondelete="CASCADE"), primary_key=True
    )
    partie: Mapped[Partie] = mapped_column(enum_type(Partie), primary_key=True)
    signee_le: Mapped[date]
    signataire: Mapped[str] = mapped_column(String(160), default="")
    enregistree_le: Mapped[datetime]
    enregistree_par: Mapped[str] = mapped_column(String(160))


class ConventionClassement(Base):
    """The proposal of State or SIAO to close a line without object, as long as the other has not answered."""

    __tablename__ = "convention_classement"

    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention.id", ondelete="CASCADE"), primary_key=True
    )
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    motif: Mapped[str] = mapped_column(String(500))
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))


class ConventionDateCible(RowId, Base):
    """A move of the line's own target date, with its reason."""

    __tablename__ = "convention_date_cible"

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id", ondelete="CASCADE"), index=True)
    ancienne: Mapped[date]
    nouvelle: Mapped[date]
    motif: Mapped[str] = mapped_column(String(500))
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))


class ConventionDocument(RowId, PublicRef, Base):
    """A stored file linked to a CTP, such as the signed PDF."""

    __tablename__ = "convention_document"
    __table_args__ = (UniqueConstraint("convention_id", "fichier_id"),)

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id", ondelete="CASCADE"))
    fichier_id: Mapped[int] = mapped_column(ForeignKey("fichier.id"))
    libelle: Mapped[str] = mapped_column(String(160))
    ajoute_le: Mapped[datetime]
    ajoute_par: Mapped[str] = mapped_column(String(160))


class CorrespondanceImport(RowId, Base):
    """The column matching last used by an organisation to import its follow-up."""

    __tablename__ = "correspondance_import"
    __table_args__ = (UniqueConstraint("organisation_id", "entetes_hash"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    entetes_hash: Mapped[str] = mapped_column(String(64))
    colonnes: Mapped[dict[str, Any]]
