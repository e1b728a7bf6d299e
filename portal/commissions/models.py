"""Tables of the commissions: how each is configured, who sits, which texts bind those who sit."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.annuaire.models import Referent
from portal.commissions.enums import (
    Autorisation,
    Dossiers,
    GenreTexte,
    Portee,
    PresenceMenage,
    PresencePrescripteur,
    Qualite,
    Quorum,
    RegleDecision,
    Releve,
    Rythme,
    StatutCommission,
    Voix,
    VoixPar,
)
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Commission(RowId, PublicRef, Timestamps, Versioned, Base):
    """A kind of instance as one département holds it (domaine.md § 7.1): configured, not programmed.

    `organisation_id`: who opened it; `secretariat_id`: who convenes and writes. Delays: `convocation_jours`
    in working days, `ordre_du_jour_jours`, `rappel_jours`, `complement_jours` and `recours_jours` in days,
    `urgence_heures` in hours. `capacite`: dossiers in one session. `duree_minutes`, `heure`, `lieu`, `visio`:
    what a new session begins with.
    """

    __tablename__ = "commission"
    __table_args__ = (
        CheckConstraint("rythme_nombre BETWEEN 1 AND 24", name="rythme_nombre"),
        CheckConstraint("capacite IS NULL OR capacite BETWEEN 1 AND 500", name="capacite"),
        CheckConstraint(
            "convocation_jours BETWEEN 0 AND 60 AND ordre_du_jour_jours BETWEEN 0 AND 60"
            " AND urgence_heures BETWEEN 1 AND 240 AND rappel_jours BETWEEN 0 AND 30"
            " AND complement_jours BETWEEN 1 AND 120 AND recours_jours BETWEEN 1 AND 365"
            " AND duree_minutes BETWEEN 15 AND 720",
            name="delais",
        ),
        CheckConstraint("dossiers <> 'nominatifs' OR autorisation = 'presentation'", name="accord"),
        Index(
            "uq_commission_nom",
            "departement_code",
            "tri",
            unique=True,
            sqlite_where=text("fermee_le IS NULL"),
            postgresql_where=text("fermee_le IS NULL"),
        ),
        Index("ix_commission_departement_code", "departement_code", "tri", "id"),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    secretariat_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    prereglage_code: Mapped[str] = mapped_column(String(30))
    statut: Mapped[StatutCommission] = mapped_column(enum_type(StatutCommission))
    validee_le: Mapped[datetime | None]
    validee_par: Mapped[str] = mapped_column(String(200), default="")
    fermee_le: Mapped[date | None]
    nom: Mapped[str] = mapped_column(String(120))
    tri: Mapped[str] = mapped_column(String(160))
    finalite: Mapped[str] = mapped_column(Text, default="")
    fondement: Mapped[str] = mapped_column(String(300), default="")
    territoire: Mapped[str] = mapped_column(String(200), default="")
    rythme: Mapped[Rythme] = mapped_column(enum_type(Rythme))
    rythme_nombre: Mapped[int] = mapped_column(SmallInteger, default=1)
    convocation_jours: Mapped[int] = mapped_column(SmallInteger)
    ordre_du_jour_jours: Mapped[int] = mapped_column(SmallInteger)
    urgence_heures: Mapped[int] = mapped_column(SmallInteger)
    rappel_jours: Mapped[int] = mapped_column(SmallInteger)
    complement_jours: Mapped[int] = mapped_column(SmallInteger)
    capacite: Mapped[int | None] = mapped_column(SmallInteger)
    regle: Mapped[RegleDecision] = mapped_column(enum_type(RegleDecision))
    voix_par: Mapped[VoixPar] = mapped_column(enum_type(VoixPar))
    voix_preponderante: Mapped[bool] = mapped_column(default=False)
    quorum: Mapped[Quorum] = mapped_column(enum_type(Quorum))
    decisions: Mapped[list[str]] = mapped_column(default=list)
    prescriptions: Mapped[list[str]] = mapped_column(default=list)
    pieces: Mapped[list[str]] = mapped_column(default=list)
    prescripteur: Mapped[PresencePrescripteur] = mapped_column(enum_type(PresencePrescripteur))
    menage: Mapped[PresenceMenage] = mapped_column(enum_type(PresenceMenage))
    recours: Mapped[bool] = mapped_column(default=False)
    recours_jours: Mapped[int] = mapped_column(SmallInteger)
    dossiers: Mapped[Dossiers] = mapped_column(enum_type(Dossiers))
    portee: Mapped[Portee] = mapped_column(enum_type(Portee))
    autorisation: Mapped[Autorisation] = mapped_column(enum_type(Autorisation))
    releve: Mapped[Releve] = mapped_column(enum_type(Releve))
    avis_apres_le_sien: Mapped[bool] = mapped_column(
        default=False
    )  # opinions are read once one's own is given
    duree_minutes: Mapped[int] = mapped_column(SmallInteger)
    heure: Mapped[time | None]
    lieu: Mapped[str] = mapped_column(String(200), default="")
    visio: Mapped[str] = mapped_column(String(300), default="")

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    secretariat: Mapped[Organisation] = relationship(foreign_keys=[secretariat_id])
    colleges: Mapped[list["College"]] = relationship(
        cascade="all, delete-orphan", order_by="College.rang, College.id", back_populates="commission"
    )
    sieges: Mapped[list["Siege"]] = relationship(
        cascade="all, delete-orphan", order_by="Siege.id", back_populates="commission"
    )


class College(RowId, PublicRef, Base):
    """A college of a commission. `sieges`: how many seats it has, None for as many as wanted; `suppleants`:
    whether a deputy may sit; `poids`: its weight in a weighted vote; `types`: kinds of organisation expected.
    """

    __tablename__ = "commission_college"
    __table_args__ = (
        CheckConstraint("sieges IS NULL OR sieges BETWEEN 1 AND 200", name="sieges"),
        CheckConstraint("poids BETWEEN 0 AND 100", name="poids"),
        UniqueConstraint("commission_id", "tri"),
    )

    commission_id: Mapped[int] = mapped_column(ForeignKey("commission.id", ondelete="CASCADE"))
    nom: Mapped[str] = mapped_column(String(120))
    tri: Mapped[str] = mapped_column(String(160))
    rang: Mapped[int] = mapped_column(SmallInteger)
    voix: Mapped[Voix] = mapped_column(enum_type(Voix))
    poids: Mapped[int] = mapped_column(SmallInteger, default=1)
    sieges: Mapped[int | None] = mapped_column(SmallInteger)
    suppleants: Mapped[bool] = mapped_column(default=True)
    types: Mapped[list[str]] = mapped_column(default=list)

    commission: Mapped[Commission] = relationship(back_populates="colleges")


class Siege(RowId, PublicRef, Base):
    """A function of the directory that sits, from a day to another, both included: whoever holds it follows.

    `college_id` None: presidents, secretaries and permanent guests may sit outside of the colleges.
    """

    __tablename__ = "commission_siege"
    __table_args__ = (
        CheckConstraint("au IS NULL OR au >= du", name="periode"),
        CheckConstraint("qualite <> 'membre' OR college_id IS NOT NULL", name="college"),
        Index(
            "uq_commission_siege_ouvert",
            "commission_id",
            "referent_id",
            unique=True,
            sqlite_where=text("au IS NULL"),
            postgresql_where=text("au IS NULL"),
        ),
        Index("ix_commission_siege_referent_id", "referent_id"),
        Index("ix_commission_siege_college_id", "college_id"),
    )

    commission_id: Mapped[int] = mapped_column(ForeignKey("commission.id", ondelete="CASCADE"))
    college_id: Mapped[int | None] = mapped_column(ForeignKey("commission_college.id"))
    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id"))
    qualite: Mapped[Qualite] = mapped_column(enum_type(Qualite))
    du: Mapped[date]
    au: Mapped[date | None]
    created_at: Mapped[datetime]

    commission: Mapped[Commission] = relationship(back_populates="sieges")
    college: Mapped[College | None] = relationship()
    referent: Mapped[Referent] = relationship()


class TexteCommission(RowId, PublicRef, Base):
    """A version of the règlement intérieur or of the confidentiality undertaking; never rewritten."""

    __tablename__ = "commission_texte"
    __table_args__ = (UniqueConstraint("commission_id", "genre", "numero"),)

    commission_id: Mapped[int] = mapped_column(ForeignKey("commission.id", ondelete="CASCADE"))
    genre: Mapped[GenreTexte] = mapped_column(enum_type(GenreTexte))
    numero: Mapped[int] = mapped_column(SmallInteger)
    texte: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    publie_le: Mapped[datetime]
    publie_par: Mapped[str] = mapped_column(String(200))


class Acceptation(RowId, Base):
    """Someone accepted a version of a text, through one of its memberships."""

    __tablename__ = "commission_acceptation"
    __table_args__ = (UniqueConstraint("texte_id", "personne_id"),)

    texte_id: Mapped[int] = mapped_column(ForeignKey("commission_texte.id", ondelete="CASCADE"))
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    nom: Mapped[str] = mapped_column(String(200))
    le: Mapped[datetime]
