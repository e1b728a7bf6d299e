"""Tables of the household's authorisation: what it covers, what each adult answered, their receipts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.documents.models import Fichier
from portal.grilles.autorisations.enums import (
    DecisionAdulte,
    Lecture,
    Mode,
    ObjetAutorisation,
    Signataire,
    StatutAutorisation,
)
from portal.grilles.enums import Portee
from portal.grilles.menages.models import Adulte, Menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.organisations.models import Organisation
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type


class Autorisation(RowId, PublicRef, Timestamps, Versioned, Base):
    """What a household was asked, for one recipient: a commission, or a landlord or gestionnaire.

    `sections`: codes of the grid's sections that may leave. `champs`: fields that are « P1 if the household,
    or who represents it, wants it », as « A7.mesure ». `finalite`: code of the purpose. `du`, `au`: both
    included. `portee`: the most that leaves, P2 for some commissions alone. `mise_a_jour`: it covers the
    newer versions too. `remplacee_par_id`: the newer authorisation.
    """

    __tablename__ = "autorisation"
    __table_args__ = (
        CheckConstraint(
            "(objet = 'transmission' AND organisation_id IS NOT NULL AND commission_id IS NULL)"
            " OR (objet = 'presentation' AND commission_id IS NOT NULL AND organisation_id IS NULL)",
            name="destinataire",
        ),
        CheckConstraint("du <= au", name="jours"),
        CheckConstraint("portee = 'P1' OR (portee = 'P2' AND objet = 'presentation')", name="lisible"),
        Index("ix_autorisation_menage_id", "menage_id", "id"),
    )

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"))
    grille_id: Mapped[int] = mapped_column(ForeignKey("grille_acces.id", ondelete="CASCADE"), index=True)
    objet: Mapped[ObjetAutorisation] = mapped_column(enum_type(ObjetAutorisation))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    commission_id: Mapped[int | None] = mapped_column(ForeignKey("commission.id"), index=True)
    destinataire: Mapped[str] = mapped_column(
        String(200)
    )  # its name the day it was asked, as the notice said
    finalite: Mapped[str] = mapped_column(String(40))
    portee: Mapped[Portee] = mapped_column(enum_type(Portee))
    sections: Mapped[list[str]]
    champs: Mapped[list[str]]
    du: Mapped[date]
    au: Mapped[date]
    mise_a_jour: Mapped[bool] = mapped_column(default=False)
    statut: Mapped[StatutAutorisation] = mapped_column(enum_type(StatutAutorisation))
    notice: Mapped[str] = mapped_column(String(20), default="")  # version of the notice read
    notice_langue: Mapped[str] = mapped_column(String(8), default="")
    lecture: Mapped[Lecture | None] = mapped_column(enum_type(Lecture))
    informe_le: Mapped[datetime | None]
    informe_par: Mapped[str] = mapped_column(String(200), default="")
    ouverte_le: Mapped[datetime | None]  # every adult concerned has agreed
    fermee_le: Mapped[datetime | None]  # refused, withdrawn, expired by a change, replaced
    remplacee_par_id: Mapped[int | None] = mapped_column(
        ForeignKey("autorisation.id", ondelete="SET NULL"), index=True
    )

    menage: Mapped[Menage] = relationship()
    grille: Mapped[GrilleAcces] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    accords: Mapped[list["AccordAdulte"]] = relationship(
        cascade="all, delete-orphan", order_by="AccordAdulte.id"
    )


class AccordAdulte(RowId, PublicRef, Versioned, Base):
    """What one adult answered. `signature`: encrypted (the drawing, or what was typed). `empreinte`: SHA-256
    of what was shown and signed. `fichier_id`: the signed paper. `retire_le`: taken back by this adult.
    `signataire`: who signed for them. `jour_seance`: the only day that an oral agreement opens. The protected
    circuit takes `signature`, `fichier_id` and `empreinte` away."""

    __tablename__ = "autorisation_adulte"
    __table_args__ = (
        UniqueConstraint("autorisation_id", "adulte_id"),
        CheckConstraint("decision IS NULL OR (mode IS NOT NULL AND repondu_le IS NOT NULL)", name="reponse"),
        CheckConstraint(
            "mode IS NULL OR mode <> 'papier' OR fichier_id IS NOT NULL OR empreinte = ''", name="papier"
        ),
        CheckConstraint(
            "mode IS NULL OR mode <> 'oral' OR decision = 'refuse' OR jour_seance IS NOT NULL", name="oral"
        ),
    )

    autorisation_id: Mapped[int] = mapped_column(ForeignKey("autorisation.id", ondelete="CASCADE"))
    adulte_id: Mapped[int] = mapped_column(ForeignKey("menage_adulte.id", ondelete="CASCADE"), index=True)
    decision: Mapped[DecisionAdulte | None] = mapped_column(enum_type(DecisionAdulte))
    mode: Mapped[Mode | None] = mapped_column(enum_type(Mode))
    signataire: Mapped[Signataire | None] = mapped_column(enum_type(Signataire))
    jour_seance: Mapped[date | None]
    repondu_le: Mapped[datetime | None]
    recueilli_par: Mapped[str] = mapped_column(String(200), default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    empreinte: Mapped[str] = mapped_column(String(64), default="")
    fichier_id: Mapped[int | None] = mapped_column(ForeignKey("fichier.id"), index=True)
    retire_le: Mapped[datetime | None]

    adulte: Mapped[Adulte] = relationship()
    fichier: Mapped[Fichier | None] = relationship()


class RecuMenage(RowId, PublicRef, Timestamps, Versioned, Base):
    """An adult's own key to what was shared: the QR code's token (hashed) and the PIN they chose (hashed).

    One in use per adult, for all the authorisations of the household that concern them. `essais`: wrong PINs
    since the last right one; `bloque_jusqu_au`: no trial before.
    """

    __tablename__ = "menage_recu"
    __table_args__ = (
        Index(
            "uq_menage_recu_ouvert",
            "adulte_id",
            unique=True,
            sqlite_where=text("revoque_le IS NULL"),
            postgresql_where=text("revoque_le IS NULL"),
        ),
    )

    adulte_id: Mapped[int] = mapped_column(ForeignKey("menage_adulte.id", ondelete="CASCADE"), index=True)
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(200), default="")
    essais: Mapped[int] = mapped_column(SmallInteger, default=0)
    bloque_jusqu_au: Mapped[datetime | None]
    dernier_acces_le: Mapped[datetime | None]
    revoque_le: Mapped[datetime | None]

    adulte: Mapped[Adulte] = relationship()


class RemarqueMenage(RowId, PublicRef, Base):
    """An adult's dated remark on a grid, encrypted: it travels with it from then on."""

    __tablename__ = "menage_remarque"

    grille_id: Mapped[int] = mapped_column(ForeignKey("grille_acces.id", ondelete="CASCADE"), index=True)
    adulte_id: Mapped[int] = mapped_column(ForeignKey("menage_adulte.id", ondelete="CASCADE"), index=True)
    le: Mapped[datetime]
    texte: Mapped[str] = mapped_column(Text)
