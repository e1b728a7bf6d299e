"""Tables of the dossiers: what is presented, what was said of it before the session, who is invited to it.

What concerns a household is encrypted. It goes away with the household; the minutes keep the code alone.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.commissions.enums_dossiers import Marque, MotifDeport, SensAvis, StatutDossier
from portal.commissions.models import Commission
from portal.commissions.models_seances import Seance
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Dossier(RowId, PublicRef, Timestamps, Versioned, Base):
    """A household's dossier before one commission. `code`: what names it in minutes, e-mails and protected
    circuit. `presentation`: encrypted JSON (situation, demande). `motif_demande`: code of the list of § 13.5
    cut to what says nothing forbidden. `pieces`: label → EtatPiece, never the documents. `manques`:
    encrypted, what the secretariat misses. `rang`: place in the agenda of `seance_id`. `ajournements`: how
    many times it came back. `autorisation_id`: of présentation, on which it relies, asked again at each
    reading.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        CheckConstraint("statut NOT IN ('inscrit', 'en_seance') OR seance_id IS NOT NULL", name="seance"),
        CheckConstraint("statut <> 'incomplet' OR complement_avant IS NOT NULL", name="complement"),
        Index("ix_dossier_commission_id", "commission_id", "statut", "id"),
        Index(
            "uq_dossier_rang",
            "seance_id",
            "rang",
            unique=True,
            sqlite_where=text("seance_id IS NOT NULL AND rang IS NOT NULL"),
            postgresql_where=text("seance_id IS NOT NULL AND rang IS NOT NULL"),
        ),
    )

    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"), index=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commission.id"))
    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    prescripteur_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    autorisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("autorisation.id", ondelete="SET NULL"), index=True
    )
    grille_id: Mapped[int | None] = mapped_column(
        ForeignKey("grille_acces.id", ondelete="SET NULL"), index=True
    )
    code: Mapped[str] = mapped_column(String(12), unique=True)
    statut: Mapped[StatutDossier] = mapped_column(enum_type(StatutDossier))
    motif_demande: Mapped[str] = mapped_column(String(40), default="")
    presentation: Mapped[str] = mapped_column(Text)
    pieces: Mapped[dict[str, Any]] = mapped_column(JSON)
    depose_le: Mapped[datetime | None]
    manques: Mapped[str] = mapped_column(Text, default="")
    complement_avant: Mapped[date | None]
    seance_id: Mapped[int | None] = mapped_column(ForeignKey("seance.id"))
    rang: Mapped[int | None] = mapped_column(SmallInteger)
    ajournements: Mapped[int] = mapped_column(SmallInteger, default=0)
    urgent: Mapped[bool] = mapped_column(default=False)
    menage_present: Mapped[bool] = mapped_column(default=False)
    clos_le: Mapped[datetime | None]

    commission: Mapped[Commission] = relationship()
    menage: Mapped[Menage] = relationship()
    organisation: Mapped[Organisation] = relationship()
    autorisation: Mapped[Autorisation | None] = relationship()
    grille: Mapped[GrilleAcces | None] = relationship()
    seance: Mapped[Seance | None] = relationship()
    deports: Mapped[list["DossierDeport"]] = relationship(
        cascade="all, delete-orphan", order_by="DossierDeport.id"
    )


class DossierDeport(RowId, Base):
    """An organisation that withdraws from a dossier presented by another: it speaks, and does not vote, in
    every session that examines it."""

    __tablename__ = "dossier_deport"
    __table_args__ = (UniqueConstraint("dossier_id", "organisation_id"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    motif: Mapped[MotifDeport] = mapped_column(enum_type(MotifDeport))
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(200))

    organisation: Mapped[Organisation] = relationship()


class DossierAvis(RowId, Versioned, Base):
    """One organisation's written opinion on a dossier for one session. `motif`: encrypted."""

    __tablename__ = "dossier_avis"
    __table_args__ = (UniqueConstraint("dossier_id", "seance_id", "organisation_id"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"))
    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    sens: Mapped[SensAvis] = mapped_column(enum_type(SensAvis))
    motif: Mapped[str] = mapped_column(Text, default="")
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(200))
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)

    organisation: Mapped[Organisation] = relationship()


class DossierNote(RowId, Versioned, Base):
    """A member's own mark and question on a dossier, read by nobody else. `texte`: encrypted."""

    __tablename__ = "dossier_note"
    __table_args__ = (UniqueConstraint("dossier_id", "personne_id"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"))
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    marque: Mapped[Marque | None] = mapped_column(enum_type(Marque))
    texte: Mapped[str] = mapped_column(Text, default="")
    le: Mapped[datetime]


class InviteSeance(RowId, PublicRef, Timestamps, Versioned, Base):
    """An occasional guest of a session, for named dossiers, without account (domaine.md § 10.2, 6).

    `jeton_hash`: of the link sent. `code_hash`, `code_expire_le`: the code sent to the e-mail to verify who
    reads; `essais`: wrong ones since the last right one. `lecture_hash`: of the reading opened by the code.
    Nothing opens once the département's delay after the session is over, nor once `revoque_le` is given.
    `texte_accepte_le`: the undertaking of confidentiality.
    """

    __tablename__ = "seance_invite"

    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id", ondelete="CASCADE"), index=True)
    nom: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254))
    organisme: Mapped[str] = mapped_column(String(200), default="")
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    code_expire_le: Mapped[datetime | None]
    essais: Mapped[int] = mapped_column(SmallInteger, default=0)
    lecture_hash: Mapped[str] = mapped_column(String(64), default="")
    lecture_expire_le: Mapped[datetime | None]
    texte_accepte_le: Mapped[datetime | None]
    invite_par: Mapped[str] = mapped_column(String(200))
    revoque_le: Mapped[datetime | None]

    seance: Mapped[Seance] = relationship()
    dossiers: Mapped[list["InviteDossier"]] = relationship(
        cascade="all, delete-orphan", order_by="InviteDossier.id"
    )


class InviteDossier(RowId, Base):
    """A dossier that a guest is invited for."""

    __tablename__ = "seance_invite_dossier"
    __table_args__ = (UniqueConstraint("invite_id", "dossier_id"),)

    invite_id: Mapped[int] = mapped_column(ForeignKey("seance_invite.id", ondelete="CASCADE"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"), index=True)
