"""Tables of the text of a convention: its clauses, values, positions, comments and history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.conventions.enums import Partie
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.redaction.enums import Acte, FormeSignature, GenreFait, Position
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class ConventionTexte(Timestamps, Versioned, Base):
    """The text of one convention, on the département's version that was in force when it was opened.

    `numero`: grows by one at each change, so that open pages know that something is new. `faits`,
    `natures_differees`: what decides of the clauses kept, besides the natures of the line. `participants`,
    `preparation`: the frame of the negotiation (its date is on the line). `fige_le` and what follows: the
    text as it goes to signature.
    """

    __tablename__ = "convention_texte"

    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention.id", ondelete="CASCADE"), primary_key=True
    )
    version_departementale_id: Mapped[int] = mapped_column(
        ForeignKey("version_departementale.id"), index=True
    )
    gabarit: Mapped[Gabarit] = mapped_column(enum_type(Gabarit))
    numero: Mapped[int] = mapped_column(default=1)
    faits: Mapped[list[str]]
    natures_differees: Mapped[list[str]]
    avenant_motif: Mapped[str] = mapped_column(String(500), default="")  # why some natures wait
    avenant_prevu_le: Mapped[date | None]
    participants: Mapped[str] = mapped_column(Text, default="")
    preparation: Mapped[str] = mapped_column(Text, default="")
    ouvert_par: Mapped[str] = mapped_column(String(160))
    fige_le: Mapped[datetime | None]
    empreinte: Mapped[str] = mapped_column(String(64), default="")
    contenu_fige: Mapped[dict[str, Any] | None]
    forme: Mapped[FormeSignature | None] = mapped_column(enum_type(FormeSignature))  # None: the département's
    natures_figees: Mapped[list[str] | None]  # those of the line on that day: it may change afterwards
    annuaire_fige: Mapped[dict[str, Any] | None]  # what the directory said that day, by « clause/parameter »


class ConventionClause(RowId, Versioned, Base):
    """A clause that the parties negotiate. `texte`: theirs, None for the model's.

    `retenue`: false for a clause that the natures no longer call for; what was written in it stays.
    `numero`: that of the text when it last changed.
    """

    __tablename__ = "convention_clause"
    __table_args__ = (
        UniqueConstraint("convention_id", "code"),
        Index("ix_convention_clause_retenue", "convention_id", "retenue"),
    )

    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention_texte.convention_id", ondelete="CASCADE")
    )
    code: Mapped[str] = mapped_column(String(40))
    retenue: Mapped[bool] = mapped_column(default=True)
    attention: Mapped[bool] = mapped_column(default=False)
    texte: Mapped[str | None] = mapped_column(Text)
    numero: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class ConventionClauseValeur(Base):
    """The value that the parties give to a yellow parameter; without a row, the model's default."""

    __tablename__ = "convention_clause_valeur"

    clause_id: Mapped[int] = mapped_column(
        ForeignKey("convention_clause.id", ondelete="CASCADE"), primary_key=True
    )
    parametre_code: Mapped[str] = mapped_column(String(60), primary_key=True)
    valeur: Mapped[str] = mapped_column(Text)


class ConventionClausePosition(Base):
    """Where a party stands on a clause; without a row, it has not examined it."""

    __tablename__ = "convention_clause_position"

    clause_id: Mapped[int] = mapped_column(
        ForeignKey("convention_clause.id", ondelete="CASCADE"), primary_key=True
    )
    partie: Mapped[Partie] = mapped_column(enum_type(Partie), primary_key=True)
    position: Mapped[Position] = mapped_column(enum_type(Position))
    motif: Mapped[str] = mapped_column(String(1000), default="")
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))


class ConventionClauseCommentaire(RowId, PublicRef, Base):
    """A remark in the thread of a clause, open until someone resolves it."""

    __tablename__ = "convention_clause_commentaire"
    __table_args__ = (Index("ix_convention_clause_commentaire_clause_id", "clause_id", "id"),)

    clause_id: Mapped[int] = mapped_column(ForeignKey("convention_clause.id", ondelete="CASCADE"))
    partie: Mapped[Partie] = mapped_column(enum_type(Partie))
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    auteur: Mapped[str] = mapped_column(String(160))
    texte: Mapped[str] = mapped_column(Text)
    le: Mapped[datetime]
    resolu_le: Mapped[datetime | None]
    resolu_par: Mapped[str] = mapped_column(String(160), default="")
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)


class ConventionClauseFait(RowId, Base):
    """What happened to a clause: who, for which party, before and after. Only ever added to."""

    __tablename__ = "convention_clause_fait"
    __table_args__ = (
        Index("ix_convention_clause_fait_clause_id", "clause_id", "id"),
        Index("ix_convention_clause_fait_convention_id", "convention_id", "numero"),
    )

    clause_id: Mapped[int] = mapped_column(ForeignKey("convention_clause.id", ondelete="CASCADE"))
    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention_texte.convention_id", ondelete="CASCADE")
    )
    numero: Mapped[int]
    le: Mapped[datetime]
    personne_id: Mapped[int | None]
    par: Mapped[str] = mapped_column(String(160))
    partie: Mapped[Partie | None] = mapped_column(enum_type(Partie))
    genre: Mapped[GenreFait] = mapped_column(enum_type(GenreFait))
    parametre_code: Mapped[str] = mapped_column(String(60), default="")
    avant: Mapped[str] = mapped_column(Text, default="")
    apres: Mapped[str] = mapped_column(Text, default="")
    motif: Mapped[str] = mapped_column(String(1000), default="")


class ConventionEngagement(RowId, PublicRef, Base):
    """Where a commitment of the convention is transcribed: the clause of a CPOM or a financing convention."""

    __tablename__ = "convention_engagement"
    __table_args__ = (Index("ix_convention_engagement_convention_id", "convention_id", "clause_code"),)

    convention_id: Mapped[int] = mapped_column(
        ForeignKey("convention_texte.convention_id", ondelete="CASCADE")
    )
    clause_code: Mapped[str] = mapped_column(String(40))
    acte: Mapped[Acte] = mapped_column(enum_type(Acte))
    reference: Mapped[str] = mapped_column(String(300))
    date: Mapped[date | None]
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(160))
    idempotence: Mapped[str | None] = mapped_column(String(40), unique=True)
