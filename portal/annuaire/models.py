"""Tables of the directory: functions, who holds them for a while, absences."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.annuaire.enums import Preference, Role
from portal.organisations.models import Organisation, Structure
from portal.organisations.referentiel import Maille
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class FonctionLocale(RowId, PublicRef, Timestamps, Base):
    """A function that a département adds to those of `seeds/reference/annuaire`."""

    __tablename__ = "fonction_locale"
    __table_args__ = (Index("uq_fonction_locale_tri", "departement_code", "tri", unique=True),)

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    libelle: Mapped[str] = mapped_column(String(80))
    unicite: Mapped[bool] = mapped_column(default=False)
    tri: Mapped[str] = mapped_column(String(120))


def _open_and_unique(*more: str) -> str:
    return " AND ".join(("unicite", "ferme_le IS NULL", *more))


class Referent(RowId, PublicRef, Timestamps, Versioned, Base):
    """A function of an organisation, or of one of its structures, in a département (domaine.md § 11).

    Conventions, commissions and annexes refer to it, and not to who holds it. `territoires` empty: the whole
    département; `natures`, `publics` empty: all. `telephone`, `email`: of the function itself (a shared
    line, a mailbox), which survive a departure.
    """

    __tablename__ = "referent"
    __table_args__ = (
        Index(
            "uq_referent_organisation",
            "organisation_id",
            "departement_code",
            "fonction_code",
            unique=True,
            sqlite_where=text(_open_and_unique("structure_id IS NULL")),
            postgresql_where=text(_open_and_unique("structure_id IS NULL")),
        ),
        Index(
            "uq_referent_structure",
            "structure_id",
            "fonction_code",
            unique=True,
            sqlite_where=text(_open_and_unique("structure_id IS NOT NULL")),
            postgresql_where=text(_open_and_unique("structure_id IS NOT NULL")),
        ),
        Index("ix_referent_departement_code_tri", "departement_code", "tri", "id"),
        Index("ix_referent_organisation_id", "organisation_id"),
        Index("ix_referent_structure_id", "structure_id"),
        Index("ix_referent_verifie_le", "departement_code", "verifie_le"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"))
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    fonction_code: Mapped[str] = mapped_column(String(40))
    unicite: Mapped[bool] = mapped_column(default=False)
    mention: Mapped[str] = mapped_column(String(120), default="")
    publics: Mapped[list[str]] = mapped_column(default=list)
    preference: Mapped[Preference] = mapped_column(enum_type(Preference), default=Preference.INDIFFERENT)
    horaires: Mapped[str] = mapped_column(String(200), default="")
    telephone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    verifie_le: Mapped[date | None]
    verifie_par: Mapped[str] = mapped_column(String(160), default="")
    ferme_le: Mapped[date | None]
    tri: Mapped[str] = mapped_column(String(120))
    texte_recherche: Mapped[str] = mapped_column(Text)  # empty once closed: nothing finds it
    poids_recherche: Mapped[str] = mapped_column(Text)  # what the ranking reads: see `portal.annuaire.texte`

    organisation: Mapped[Organisation] = relationship()
    structure: Mapped[Structure | None] = relationship()
    territoires: Mapped[list["ReferentTerritoire"]] = relationship(
        cascade="all, delete-orphan", order_by="ReferentTerritoire.maille, ReferentTerritoire.code"
    )
    natures: Mapped[list["ReferentNature"]] = relationship(
        cascade="all, delete-orphan", order_by="ReferentNature.nature_code"
    )
    titulaires: Mapped[list["Titulaire"]] = relationship(
        back_populates="referent", order_by="Titulaire.du.desc(), Titulaire.id.desc()"
    )


class ReferentTerritoire(Base):
    """A territory that a function covers, smaller than its département."""

    __tablename__ = "referent_territoire"

    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id", ondelete="CASCADE"), primary_key=True)
    maille: Mapped[Maille] = mapped_column(enum_type(Maille), primary_key=True)
    code: Mapped[str] = mapped_column(String(9), primary_key=True)


class ReferentNature(Base):
    """A nature de dispositif that a function covers."""

    __tablename__ = "referent_nature"

    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id", ondelete="CASCADE"), primary_key=True)
    nature_code: Mapped[str] = mapped_column(String(20), ForeignKey("nature.code"), primary_key=True)


class Titulaire(RowId, PublicRef, Base):
    """Someone who holds a function from a day to another, both included; one at a time in each role.

    Professional data only. `personne_id`: the account of that person, when there is one.
    """

    __tablename__ = "titulaire"
    __table_args__ = (
        CheckConstraint("au IS NULL OR au >= du", name="periode"),
        Index("ix_titulaire_referent_id", "referent_id", "role", "du"),
    )

    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id"))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    prenom: Mapped[str] = mapped_column(String(80))
    nom: Mapped[str] = mapped_column(String(80))
    telephone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="", index=True)
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    du: Mapped[date]
    au: Mapped[date | None]
    created_at: Mapped[datetime]

    referent: Mapped[Referent] = relationship(back_populates="titulaires")
    absences: Mapped[list["Absence"]] = relationship(
        cascade="all, delete-orphan", order_by="Absence.du.desc(), Absence.id.desc()"
    )

    @property
    def nom_complet(self) -> str:
        """First and last names."""
        return f"{self.prenom} {self.nom}".strip()


class Absence(RowId, PublicRef, Base):
    """Days when a holder is away, both ends included; the deputy answers. Why is nobody's business."""

    __tablename__ = "titulaire_absence"
    __table_args__ = (CheckConstraint("au IS NULL OR au >= du", name="periode"),)

    titulaire_id: Mapped[int] = mapped_column(ForeignKey("titulaire.id", ondelete="CASCADE"), index=True)
    du: Mapped[date]
    au: Mapped[date | None]
