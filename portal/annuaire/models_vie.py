"""Tables of what keeps entries true: links by e-mail, reminders, errors reported by readers."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.annuaire.enums import MotifSignalement, Palier, StatutSignalement
from portal.annuaire.models import Referent
from portal.comptes.models import Personne
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

OUVERTS = (StatutSignalement.OUVERT, StatutSignalement.PRIS_EN_COMPTE)
_OUVERT = f"statut IN ({', '.join(repr(one.value) for one in OUVERTS)})"


class LienAnnuaire(RowId, Base):
    """A link sent to an address: whoever holds it sees and confirms what the directory says of that address.

    Its secret is stored hashed; it ends on a date, and after so many acts (`usages`).
    """

    __tablename__ = "annuaire_lien"

    email: Mapped[str] = mapped_column(String(254), index=True)
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expire_le: Mapped[datetime]
    usages: Mapped[int] = mapped_column(default=0)


class Relance(RowId, Base):
    """What was written to someone to get an entry verified, once for each step and each verification.

    `depuis`: the day of the verification that grew old (of the opening, for an entry never verified).
    `message_id`: its message of the outbox, while it is kept there: no foreign key.
    """

    __tablename__ = "annuaire_relance"
    __table_args__ = (UniqueConstraint("referent_id", "depuis", "palier", "email"),)

    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id", ondelete="CASCADE"))
    palier: Mapped[Palier] = mapped_column(enum_type(Palier))
    depuis: Mapped[date]
    email: Mapped[str] = mapped_column(String(254), index=True)
    le: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(index=True)


class Signalement(RowId, PublicRef, Timestamps, Versioned, Base):
    """An error that a reader saw on an entry, and what came of it; one open at a time for each reader."""

    __tablename__ = "annuaire_signalement"
    __table_args__ = (
        Index(
            "uq_annuaire_signalement_ouvert",
            "referent_id",
            "auteur_id",
            unique=True,
            sqlite_where=text(_OUVERT),
            postgresql_where=text(_OUVERT),
        ),
        Index("ix_annuaire_signalement_departement_code", "departement_code", "statut", "created_at"),
        Index("ix_annuaire_signalement_auteur_id", "auteur_id", "created_at"),
    )

    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id", ondelete="CASCADE"), index=True)
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    motif: Mapped[MotifSignalement] = mapped_column(enum_type(MotifSignalement))
    texte: Mapped[str] = mapped_column(String(500), default="")
    statut: Mapped[StatutSignalement] = mapped_column(
        enum_type(StatutSignalement), default=StatutSignalement.OUVERT
    )
    auteur_id: Mapped[int] = mapped_column(ForeignKey("personne.id"))
    auteur_organisation: Mapped[str] = mapped_column(String(200), default="")
    suivi_par: Mapped[str] = mapped_column(String(200), default="")
    raison: Mapped[str] = mapped_column(String(300), default="")

    referent: Mapped[Referent] = relationship()
    auteur: Mapped[Personne] = relationship()
