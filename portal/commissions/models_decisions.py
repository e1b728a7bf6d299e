"""Tables of what a session does: its course, decisions, prescriptions, appeals, minutes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.commissions.enums_dossiers import IssueRecours, StatutDecision, StatutPrescription, StatutReleve
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.documents.models import Fichier
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class ConduiteSeance(RowId, Versioned, Base):
    """The course of a session. `etat`: number that every change raises, read by the live pages; `marques`: by
    part of the page, its value when the part changed last.

    `fige_le`: when the papers were frozen; `papiers`: references of the dossiers frozen, resolved when read.
    `avis_relances_le`: when those whose opinion was missing were last reminded.
    `dossier_id`: the one on the table. `points`: encrypted, general points of the minutes.
    """

    __tablename__ = "seance_conduite"

    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id", ondelete="CASCADE"), unique=True)
    etat: Mapped[int] = mapped_column(default=0)
    marques: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fige_le: Mapped[datetime | None]
    papiers: Mapped[list[str]] = mapped_column(JSON, default=list)
    avis_relances_le: Mapped[datetime | None]
    ouverte_le: Mapped[datetime | None]
    close_le: Mapped[datetime | None]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id", ondelete="SET NULL"), index=True)
    points: Mapped[str] = mapped_column(Text, default="")

    seance: Mapped[Seance] = relationship()


class Decision(RowId, PublicRef, Timestamps, Versioned, Base):
    """What a session decided of a dossier. `ecrite`: taken in writing, by urgency, before the session that
    confirms it; `repondre_avant`: until when the members consulted may answer.

    Encrypted: `motif`, `conditions`, `expression` (the household's own words), `votes` (JSON: `voix`, by who
    casts one, never shown one by one; `consensus`; `decompte`).
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seance_id", "ecrite"),
        CheckConstraint("statut = 'redigee' OR (code <> '' AND prise_le IS NOT NULL)", name="prise"),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"))
    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id"), index=True)
    statut: Mapped[StatutDecision] = mapped_column(enum_type(StatutDecision))
    code: Mapped[str] = mapped_column(String(40), default="")
    motif: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    expression: Mapped[str] = mapped_column(Text, default="")
    votes: Mapped[str] = mapped_column(Text, default="")
    ecrite: Mapped[bool] = mapped_column(default=False)
    prise_le: Mapped[datetime | None]
    prise_par: Mapped[str] = mapped_column(String(200), default="")
    repondre_avant: Mapped[datetime | None]
    confirmee_le: Mapped[datetime | None]
    notifiee_le: Mapped[datetime | None]

    dossier: Mapped[Dossier] = relationship()
    seance: Mapped[Seance] = relationship()
    prescriptions: Mapped[list["Prescription"]] = relationship(
        cascade="all, delete-orphan", order_by="Prescription.id"
    )


class Prescription(RowId, PublicRef, Timestamps, Versioned, Base):
    """What a decision prescribes, with who bears it and until when. `precision`: encrypted."""

    __tablename__ = "decision_prescription"
    __table_args__ = (Index("ix_decision_prescription_porteur_id", "porteur_id", "statut", "echeance"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    porteur_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    precision: Mapped[str] = mapped_column(Text, default="")
    echeance: Mapped[date | None]
    statut: Mapped[StatutPrescription] = mapped_column(enum_type(StatutPrescription))
    statut_le: Mapped[datetime]
    statut_par: Mapped[str] = mapped_column(String(200))
    rappele_le: Mapped[datetime | None]

    porteur: Mapped[Organisation | None] = relationship()


class Recours(RowId, PublicRef, Timestamps, Versioned, Base):
    """A prescriber's appeal against an unfavourable decision. Encrypted: `motif`, `elements`, `reponse`.

    `seance_id`: the session, of another or enlarged formation, that examines it."""

    __tablename__ = "decision_recours"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), unique=True)
    forme_le: Mapped[datetime]
    forme_par: Mapped[str] = mapped_column(String(200))
    motif: Mapped[str] = mapped_column(Text)
    elements: Mapped[str] = mapped_column(Text, default="")
    seance_id: Mapped[int | None] = mapped_column(ForeignKey("seance.id"), index=True)
    issue: Mapped[IssueRecours | None] = mapped_column(enum_type(IssueRecours))
    reponse: Mapped[str] = mapped_column(Text, default="")
    decide_le: Mapped[datetime | None]
    decide_par: Mapped[str] = mapped_column(String(200), default="")

    decision: Mapped[Decision] = relationship()
    seance: Mapped[Seance | None] = relationship()


class ReleveSeance(RowId, PublicRef, Timestamps, Versioned, Base):
    """The minutes of a session. `contenu`: encrypted JSON, as they stood when sent for reading.

    `relire_avant`: until when members were to read the draft last sent to them, None before any was.
    `complet_jusqu_au`: once sent, when the full version goes away; None before, and once it is gone."""

    __tablename__ = "seance_releve"

    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id", ondelete="CASCADE"), unique=True)
    statut: Mapped[StatutReleve] = mapped_column(enum_type(StatutReleve))
    contenu: Mapped[str] = mapped_column(Text)
    relire_avant: Mapped[date | None]
    envoye_le: Mapped[datetime | None]
    complet_jusqu_au: Mapped[datetime | None]
    complet_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"), index=True)
    anonyme_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"), index=True)

    complet: Mapped[Fichier | None] = relationship(foreign_keys=[complet_id])
    anonyme: Mapped[Fichier | None] = relationship(foreign_keys=[anonyme_id])
    commentaires: Mapped[list["CommentaireReleve"]] = relationship(
        cascade="all, delete-orphan", order_by="CommentaireReleve.id"
    )
    approbations: Mapped[list["ApprobationReleve"]] = relationship(
        cascade="all, delete-orphan", order_by="ApprobationReleve.id"
    )


class CommentaireReleve(RowId, PublicRef, Base):
    """What a member says of the draft minutes. `texte`: encrypted."""

    __tablename__ = "seance_releve_commentaire"

    releve_id: Mapped[int] = mapped_column(ForeignKey("seance_releve.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    par: Mapped[str] = mapped_column(String(200))
    le: Mapped[datetime]
    texte: Mapped[str] = mapped_column(Text)
    traite_le: Mapped[datetime | None]


class ApprobationReleve(RowId, Base):
    """A president's approval of the minutes as they stand; any change voids it."""

    __tablename__ = "seance_releve_approbation"
    __table_args__ = (UniqueConstraint("releve_id", "organisation_id"),)

    releve_id: Mapped[int] = mapped_column(ForeignKey("seance_releve.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    par: Mapped[str] = mapped_column(String(200))
    le: Mapped[datetime]


class PassageSeance(RowId, Base):
    """Why a dossier came to a session and how it left it: kept for the indicators, without household content.

    `issue`: code of the decision, « AJOURNE », « RETIRE »."""

    __tablename__ = "seance_passage"
    __table_args__ = (UniqueConstraint("dossier_id", "seance_id"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"))
    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id"), index=True)
    rang: Mapped[int] = mapped_column(SmallInteger)
    inscrit_le: Mapped[datetime]
    issue: Mapped[str] = mapped_column(String(40), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
