"""Tables of the transmissions: what left, frozen, and what the recipient answered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.grilles.autorisations.models import Autorisation
from portal.grilles.menages.models import Menage
from portal.grilles.transmissions.enums import StatutTransmission
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Transmission(RowId, PublicRef, Timestamps, Versioned, Base):
    """What left for one recipient. `contenu`: encrypted, as `portal.grilles.sortie` composed it; `empreinte`:
    its SHA-256. It is shown only while its authorisation is in force.

    `repondre_avant`: the day from which the recipient's silence is told. `echec`: its answer is a refusal.
    `relances`: how many times its silence was told since its last step. `fermee_le`: when its recipient was
    told that it may not be read any more. `relire_depuis`: when its answer gave a reason that the SIAO reads
    again, None for any other; `relu_le`, `relu_par`: when it did, and who.
    """

    __tablename__ = "transmission"
    __table_args__ = (
        UniqueConstraint("autorisation_id", "grille_id"),
        CheckConstraint("statut = 'envoyee' OR recue_le IS NOT NULL", name="recue"),
        Index("ix_transmission_organisation_id", "organisation_id", "id"),
        Index("ix_transmission_repondre_avant", "repondre_avant", "relances"),
    )

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"), index=True)
    autorisation_id: Mapped[int] = mapped_column(ForeignKey("autorisation.id", ondelete="CASCADE"))
    grille_id: Mapped[int] = mapped_column(ForeignKey("grille_acces.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    referent_id: Mapped[int | None] = mapped_column(ForeignKey("referent.id"), index=True)
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    statut: Mapped[StatutTransmission] = mapped_column(enum_type(StatutTransmission))
    envoyee_le: Mapped[datetime]
    envoyee_par_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    envoyee_par: Mapped[str] = mapped_column(String(200))
    contenu: Mapped[str] = mapped_column(Text)
    empreinte: Mapped[str] = mapped_column(String(64))
    recue_le: Mapped[datetime | None]
    repondre_avant: Mapped[date]
    echec: Mapped[bool] = mapped_column(default=False)
    relances: Mapped[int] = mapped_column(SmallInteger, default=0)
    fermee_le: Mapped[datetime | None]
    relire_depuis: Mapped[datetime | None]
    relu_le: Mapped[datetime | None]
    relu_par: Mapped[str | None] = mapped_column(String(200))

    menage: Mapped[Menage] = relationship()
    autorisation: Mapped[Autorisation] = relationship()
    organisation: Mapped[Organisation] = relationship()
    suites: Mapped[list["SuiteTransmission"]] = relationship(
        cascade="all, delete-orphan", order_by="SuiteTransmission.id"
    )


class SuiteTransmission(RowId, PublicRef, Base):
    """One dated step of the answer, never changed. `detail`: encrypted JSON (day, outcome, reason).

    `corrige_id`: the step that this one corrects; `statut` is then where the transmission stands instead.
    `annule`: it only takes that step back.
    """

    __tablename__ = "transmission_suite"
    __table_args__ = (CheckConstraint("NOT annule OR corrige_id IS NOT NULL", name="annule"),)

    transmission_id: Mapped[int] = mapped_column(
        ForeignKey("transmission.id", ondelete="CASCADE"), index=True
    )
    statut: Mapped[StatutTransmission] = mapped_column(enum_type(StatutTransmission))
    le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text, default="")
    corrige_id: Mapped[int | None] = mapped_column(
        ForeignKey("transmission_suite.id", ondelete="CASCADE"), unique=True
    )
    annule: Mapped[bool] = mapped_column(default=False)
