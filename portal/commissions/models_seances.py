"""Tables of the sessions: when and where, who is invited, what they answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.annuaire.models import Referent
from portal.commissions.enums import Canal, Presence, Qualite, Reponse, StatutSeance
from portal.commissions.models import College, Commission
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Seance(RowId, PublicRef, Timestamps, Versioned, Base):
    """A session. `sequence`: how many times its calendar event was told anew (RFC 5545, SEQUENCE).

    `invitations`: those that stand, without those that were withdrawn.
    `message`: general points for those invited; never anything about a household. `hors_delai`: why it is
    convened later than the delay allows.
    """

    __tablename__ = "seance"
    __table_args__ = (
        CheckConstraint("fin > debut", name="periode"),
        Index("ix_seance_commission_id", "commission_id", "debut"),
        Index("ix_seance_departement_code", "departement_code", "debut"),
    )

    commission_id: Mapped[int] = mapped_column(ForeignKey("commission.id"))
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    statut: Mapped[StatutSeance] = mapped_column(enum_type(StatutSeance))
    debut: Mapped[datetime]
    fin: Mapped[datetime]
    urgente: Mapped[bool] = mapped_column(default=False)
    lieu: Mapped[str] = mapped_column(String(200), default="")
    visio: Mapped[str] = mapped_column(String(300), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    sequence: Mapped[int] = mapped_column(default=0)
    convoquee_le: Mapped[datetime | None]
    rappelee_le: Mapped[datetime | None]
    hors_delai: Mapped[str] = mapped_column(String(300), default="")
    motif_annulation: Mapped[str] = mapped_column(String(300), default="")

    commission: Mapped[Commission] = relationship()
    invitations: Mapped[list["InvitationSeance"]] = relationship(
        primaryjoin="and_(Seance.id == InvitationSeance.seance_id, InvitationSeance.retiree_le.is_(None))",
        cascade="all, delete-orphan",
        order_by="InvitationSeance.id",
        back_populates="seance",
    )


class InvitationSeance(RowId, PublicRef, Timestamps, Versioned, Base):
    """A function invited to a session, and who was written to for it.

    `nom`, `email`, `personne_id`: whoever answered for the function when it was written to last.
    `remplacant`: the deputy that it sends, `suppleance`: what they were told and answered, None for one whom
    the secretariat noted without an address; `mot`: what it says beside its answer. `ajoutee_le`: when the
    secretariat invited it beside the seats. `retiree_le`: when the secretariat withdrew it: whoever was
    written to is forgotten, and the function is not invited again for its seat.
    """

    __tablename__ = "seance_invitation"
    __table_args__ = (
        UniqueConstraint("seance_id", "referent_id"),
        Index("ix_seance_invitation_referent_id", "referent_id"),
        Index("ix_seance_invitation_personne_id", "personne_id"),
    )

    seance_id: Mapped[int] = mapped_column(ForeignKey("seance.id", ondelete="CASCADE"))
    referent_id: Mapped[int] = mapped_column(ForeignKey("referent.id"))
    college_id: Mapped[int | None] = mapped_column(ForeignKey("commission_college.id"))
    qualite: Mapped[Qualite] = mapped_column(enum_type(Qualite))
    nom: Mapped[str] = mapped_column(String(160), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    statut: Mapped[Reponse] = mapped_column(enum_type(Reponse))
    remplacant: Mapped[str] = mapped_column(String(160), default="")
    mot: Mapped[str] = mapped_column(String(300), default="")
    repondu_le: Mapped[datetime | None]
    repondu_par: Mapped[str] = mapped_column(String(200), default="")
    canal: Mapped[Canal | None] = mapped_column(enum_type(Canal))
    ecrit_le: Mapped[datetime | None]
    relances: Mapped[int] = mapped_column(SmallInteger, default=0)
    presence: Mapped[Presence | None] = mapped_column(enum_type(Presence))
    ajoutee_le: Mapped[datetime | None]
    retiree_le: Mapped[datetime | None]

    seance: Mapped[Seance] = relationship(back_populates="invitations")
    referent: Mapped[Referent] = relationship()
    college: Mapped[College | None] = relationship()
    suppleance: Mapped["Suppleance | None"] = relationship(
        cascade="all, delete-orphan", back_populates="invitation", lazy="joined"
    )
    jetons: Mapped[list["JetonInvitation"]] = relationship(
        cascade="all, delete-orphan", order_by="JetonInvitation.id"
    )

    @property
    def second(self) -> "Suppleance | None":
        """The deputy who is asked to come instead: not one who said no."""
        return self.suppleance if self.statut is Reponse.SUPPLEANT else None


class Suppleance(RowId, Base):
    """The deputy whom someone invited sends, and what they answered: they come, or not. One whom nobody sends
    any more is forgotten."""

    __tablename__ = "seance_suppleance"

    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("seance_invitation.id", ondelete="CASCADE"), unique=True
    )
    nom: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254), index=True)
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    statut: Mapped[Reponse] = mapped_column(enum_type(Reponse))
    mot: Mapped[str] = mapped_column(String(300), default="")
    repondu_le: Mapped[datetime | None]
    ecrit_le: Mapped[datetime | None]

    invitation: Mapped[InvitationSeance] = relationship(back_populates="suppleance")


class JetonInvitation(RowId, Base):
    """A link sent for an invitation: stored hashed; one e-mail, one link, all of them open while it may be
    answered. Who is replaced loses theirs. `suppleant`: sent to the deputy."""

    __tablename__ = "seance_invitation_jeton"

    invitation_id: Mapped[int] = mapped_column(
        ForeignKey("seance_invitation.id", ondelete="CASCADE"), index=True
    )
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    cree_le: Mapped[datetime]
    suppleant: Mapped[bool] = mapped_column(default=False)
