"""Tables of the households. What identifies one is encrypted; a keyed hash alone finds it again."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.comptes.models import Personne
from portal.grilles.menages.enums import StatutAcces
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Menage(RowId, PublicRef, Timestamps, Versioned, Base):
    """A household, in the charge of one social worker of one organisation.

    `code`: what names it where no name may be. `protege`: the protected circuit, where only `code` and the
    SI SIAO reference exist. Encrypted: `si_siao`, `numero_unique` ("" when unknown), `composition` (JSON:
    children in charge, children visiting). `*_cle`: their keyed hashes. `dernier_contact_le`: retention
    counts from it.
    """

    __tablename__ = "menage"
    __table_args__ = (
        CheckConstraint("NOT protege OR (numero_unique = '' AND numero_unique_cle IS NULL)", name="protege"),
        Index("ix_menage_departement_code", "departement_code", "id"),
        Index("ix_menage_organisation_id", "organisation_id", "referent_id", "id"),
        Index("ix_menage_si_siao_cle", "si_siao_cle"),
        Index("ix_menage_numero_unique_cle", "numero_unique_cle"),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    referent_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    protege: Mapped[bool] = mapped_column(default=False)
    si_siao: Mapped[str] = mapped_column(Text, default="")
    si_siao_cle: Mapped[str | None] = mapped_column(String(64))
    numero_unique: Mapped[str] = mapped_column(Text, default="")
    numero_unique_cle: Mapped[str | None] = mapped_column(String(64))
    composition: Mapped[str] = mapped_column(Text)
    dernier_contact_le: Mapped[date]
    clos_le: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship()
    referent: Mapped[Personne] = relationship()
    adultes: Mapped[list["Adulte"]] = relationship(
        cascade="all, delete-orphan", order_by="Adulte.rang, Adulte.id"
    )


class Adulte(RowId, PublicRef, Versioned, Base):
    """An adult of a household. `identite`: encrypted JSON (nom, prenom, naissance, representant).

    Keyed hashes: `cle`, of name, first name and birth; `nom_cle`, of the name alone. `identite` is "" and
    both are None in the protected circuit. `parti_le`: no longer of the household.
    """

    __tablename__ = "menage_adulte"
    __table_args__ = (
        Index(
            "uq_menage_adulte_rang",
            "menage_id",
            "rang",
            unique=True,
            sqlite_where=text("parti_le IS NULL"),
            postgresql_where=text("parti_le IS NULL"),
        ),
        Index("ix_menage_adulte_cle", "cle"),
        Index("ix_menage_adulte_nom_cle", "nom_cle"),
        CheckConstraint("identite <> '' OR (cle IS NULL AND nom_cle IS NULL)", name="cle"),
    )

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"), index=True)
    rang: Mapped[int] = mapped_column(SmallInteger)
    identite: Mapped[str] = mapped_column(Text, default="")
    cle: Mapped[str | None] = mapped_column(String(64))
    nom_cle: Mapped[str | None] = mapped_column(String(64))
    parti_le: Mapped[date | None]


class AccesMenage(RowId, PublicRef, Timestamps, Versioned, Base):
    """A colleague's request to read one household, answered by its referent or by the SIAO (§ 10.2).

    `motif`: why, encrypted. Silence means no: what is not answered by `repondre_avant` is refused. Open from
    `repondu_le` until `jusqu_au` (the instant) once accepted, unless `ferme_le`.
    """

    __tablename__ = "menage_acces"
    __table_args__ = (
        Index(
            "uq_menage_acces_en_attente",
            "menage_id",
            "demandeur_id",
            unique=True,
            sqlite_where=text("statut = 'demande'"),
            postgresql_where=text("statut = 'demande'"),
        ),
        CheckConstraint("statut <> 'accorde' OR jusqu_au IS NOT NULL", name="duree"),
    )

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"), index=True)
    demandeur_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    statut: Mapped[StatutAcces] = mapped_column(enum_type(StatutAcces))
    motif: Mapped[str] = mapped_column(Text)
    jours: Mapped[int] = mapped_column(SmallInteger)
    repondre_avant: Mapped[datetime]
    repondu_le: Mapped[datetime | None]
    repondu_par: Mapped[str] = mapped_column(String(200), default="")
    jusqu_au: Mapped[datetime | None]
    ferme_le: Mapped[datetime | None]


class Relais(RowId, PublicRef, Timestamps, Base):
    """Who stands in for an absent social worker, for all their households, from one day to another."""

    __tablename__ = "menage_relais"
    __table_args__ = (CheckConstraint("du <= au", name="jours"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    absent_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    relais_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    du: Mapped[date]
    au: Mapped[date]


class LectureMenage(RowId, Base):
    """Who read what of a household, for the worker, the SIAO and the household itself.

    `quoi`: what was read, never its content; `objet_ref`: its public reference. Erased with the household;
    the journal keeps its own entry.
    """

    __tablename__ = "menage_lecture"
    __table_args__ = (Index("ix_menage_lecture_menage_id", "menage_id", "id"),)

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"))
    le: Mapped[datetime]
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    lecteur: Mapped[str] = mapped_column(String(200))
    quoi: Mapped[str] = mapped_column(String(40))
    objet_ref: Mapped[str] = mapped_column(String(16), default="")
