"""Tables of the avenants: each one, the clauses it changes, where the parties stand, what proposes one."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.conventions.avenants.enums import OUVERTS, Origine, StatutAvenant
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.redaction.enums import GenreFait, Position
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

_OUVERT = "statut IN (" + ", ".join(f"'{statut.value}'" for statut in OUVERTS) + ")"
_COMPTE = "statut NOT IN ('refuse', 'abandonne')"


class Avenant(RowId, PublicRef, Timestamps, Versioned, Base):
    """An avenant of a signed convention. One at most is open at a time.

    `numero`: the next one when it opens; what is refused or abandoned leaves its number to the following one.
    `version_departementale_id`: the green version it brings the text to, None when it leaves the green as it
    is. `natures_ajoutees`, `natures_retirees`: those that the text covers, or no longer covers, from it on.
    `date_effet`: the day asked for, then the one from which it changes the text.
    """

    __tablename__ = "avenant"
    __table_args__ = (
        Index(
            "uq_avenant_numero",
            "convention_id",
            "numero",
            unique=True,
            sqlite_where=text(_COMPTE),
            postgresql_where=text(_COMPTE),
        ),
        Index(
            "uq_avenant_ouvert",
            "convention_id",
            unique=True,
            sqlite_where=text(_OUVERT),
            postgresql_where=text(_OUVERT),
        ),
        Index("ix_avenant_statut", "statut", "convention_id"),
    )

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id", ondelete="CASCADE"))
    numero: Mapped[int]
    objet: Mapped[str] = mapped_column(String(300))
    origine: Mapped[Origine] = mapped_column(enum_type(Origine))
    statut: Mapped[StatutAvenant] = mapped_column(enum_type(StatutAvenant), default=StatutAvenant.PROJET)
    statut_depuis: Mapped[datetime]
    motif: Mapped[str] = mapped_column(String(500), default="")  # why refused, abandoned, reopened
    version_departementale_id: Mapped[int | None] = mapped_column(ForeignKey("version_departementale.id"))
    natures_ajoutees: Mapped[list[str]]
    natures_retirees: Mapped[list[str]]
    date_effet: Mapped[date | None]
    date_signature: Mapped[date | None]
    ouvert_par: Mapped[str] = mapped_column(String(160))
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)

    convention: Mapped[Convention] = relationship()
    clauses: Mapped[list["AvenantClause"]] = relationship(
        cascade="all, delete-orphan", order_by="AvenantClause.id"
    )


class AvenantClause(RowId, Versioned, Base):
    """A clause that an avenant changes. `texte`: None when the words stay; `valeurs`: those that change."""

    __tablename__ = "avenant_clause"
    __table_args__ = (UniqueConstraint("avenant_id", "code"),)

    avenant_id: Mapped[int] = mapped_column(ForeignKey("avenant.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    attention: Mapped[bool] = mapped_column(default=False)
    choisie: Mapped[bool] = mapped_column(default=True)  # by someone; else by a nature or a green version
    texte: Mapped[str | None] = mapped_column(Text)
    valeurs: Mapped[dict[str, str]] = mapped_column(JSON)
    updated_at: Mapped[datetime]

    positions: Mapped[list["AvenantPosition"]] = relationship(
        cascade="all, delete-orphan", order_by="AvenantPosition.partie"
    )


class AvenantPosition(Base):
    """Where a party stands on a clause of an avenant; without a row, it has not examined it."""

    __tablename__ = "avenant_position"

    clause_id: Mapped[int] = mapped_column(
        ForeignKey("avenant_clause.id", ondelete="CASCADE"), primary_key=True
    )
    partie: Mapped[Partie] = mapped_column(enum_type(Partie), primary_key=True)
    position: Mapped[Position] = mapped_column(enum_type(Position))
    motif: Mapped[str] = mapped_column(String(1000), default="")
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))


class AvenantClauseCommentaire(RowId, PublicRef, Base):
    """A remark in the thread of a clause of an avenant, open until someone resolves it."""

    __tablename__ = "avenant_clause_commentaire"
    __table_args__ = (Index("ix_avenant_clause_commentaire_clause_id", "clause_id", "id"),)

    clause_id: Mapped[int] = mapped_column(ForeignKey("avenant_clause.id", ondelete="CASCADE"))
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    auteur: Mapped[str] = mapped_column(String(160))
    texte: Mapped[str] = mapped_column(Text)
    le: Mapped[datetime]
    resolu_le: Mapped[datetime | None]
    resolu_par: Mapped[str] = mapped_column(String(160), default="")
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)


class AvenantClauseFait(RowId, Base):
    """What happened to a clause of an avenant: who, for which party, before and after. Only ever added to.

    The last one of an avenant is what tells an open page that something is new.
    """

    __tablename__ = "avenant_clause_fait"
    __table_args__ = (
        Index("ix_avenant_clause_fait_clause_id", "clause_id", "id"),
        Index("ix_avenant_clause_fait_avenant_id", "avenant_id", "id"),
        {"sqlite_autoincrement": True},  # a clause taken out takes its facts away: no later one has their ids
    )

    clause_id: Mapped[int] = mapped_column(ForeignKey("avenant_clause.id", ondelete="CASCADE"))
    avenant_id: Mapped[int] = mapped_column(ForeignKey("avenant.id", ondelete="CASCADE"))
    le: Mapped[datetime]
    personne_id: Mapped[int | None]
    par: Mapped[str] = mapped_column(String(160))
    partie: Mapped[Partie | None] = mapped_column(enum_type(Partie))
    genre: Mapped[GenreFait] = mapped_column(enum_type(GenreFait))
    parametre_code: Mapped[str] = mapped_column(String(60), default="")
    avant: Mapped[str] = mapped_column(Text, default="")
    apres: Mapped[str] = mapped_column(Text, default="")
    motif: Mapped[str] = mapped_column(String(1000), default="")


class AvenantProposition(RowId, PublicRef, Base):
    """Why an avenant is called for: a structure that opened or closed, a nature put off when signing.

    `cle`: what it is about, so that it is proposed once. It waits until an avenant takes it up or until State
    or SIAO sets it aside with a reason.
    """

    __tablename__ = "avenant_proposition"
    __table_args__ = (UniqueConstraint("convention_id", "origine", "cle"),)

    convention_id: Mapped[int] = mapped_column(ForeignKey("convention.id", ondelete="CASCADE"))
    origine: Mapped[Origine] = mapped_column(enum_type(Origine))
    cle: Mapped[str] = mapped_column(String(40))
    libelle: Mapped[str] = mapped_column(String(300))
    natures: Mapped[list[str]]
    places: Mapped[int | None]  # of a nature put off: what the line said of it before it was signed
    prevu_le: Mapped[date | None]
    creee_le: Mapped[datetime]
    avenant_id: Mapped[int | None] = mapped_column(ForeignKey("avenant.id", ondelete="SET NULL"), index=True)
    ecartee_le: Mapped[datetime | None]
    ecartee_par: Mapped[str] = mapped_column(String(160), default="")
    ecartee_motif: Mapped[str] = mapped_column(String(500), default="")
