"""Tables of the filled grids: versions of a household's grid, and their answers, encrypted."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.grilles.menages.models import Menage
from portal.grilles.models import GrilleModele
from portal.grilles.remplissage.enums import Rappel, StatutGrille
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type

_BROUILLON = text("statut = 'brouillon'")


class GrilleAcces(RowId, PublicRef, Timestamps, Versioned, Base):
    """One version of a household's grid. Once frozen neither it nor its answers change (triggers refuse it).

    `modele_id`: the published model it is read in. `base_id`: the version it continues. `empreinte`: SHA-256
    of its answers, given when frozen. `a_renouveler_le`: when it becomes old (P: 6 months).
    """

    __tablename__ = "grille_acces"
    __table_args__ = (
        UniqueConstraint("menage_id", "numero"),
        Index(
            "uq_grille_acces_brouillon",
            "menage_id",
            unique=True,
            sqlite_where=_BROUILLON,
            postgresql_where=_BROUILLON,
        ),
        CheckConstraint(
            "statut = 'brouillon'"
            " OR (figee_le IS NOT NULL AND a_renouveler_le IS NOT NULL AND empreinte <> '')",
            name="figee",
        ),
    )

    menage_id: Mapped[int] = mapped_column(ForeignKey("menage.id", ondelete="CASCADE"))
    modele_id: Mapped[int] = mapped_column(ForeignKey("grille_modele.id"), index=True)
    base_id: Mapped[int | None] = mapped_column(
        ForeignKey("grille_acces.id", ondelete="SET NULL"), index=True
    )
    numero: Mapped[int]
    statut: Mapped[StatutGrille] = mapped_column(enum_type(StatutGrille))
    ouverte_par: Mapped[str] = mapped_column(String(200))
    figee_le: Mapped[datetime | None]
    figee_par: Mapped[str] = mapped_column(String(200), default="")
    a_renouveler_le: Mapped[date | None]
    empreinte: Mapped[str] = mapped_column(String(64), default="")

    menage: Mapped[Menage] = relationship()
    modele: Mapped[GrilleModele] = relationship()
    sections: Mapped[list["GrilleSection"]] = relationship(
        cascade="all, delete-orphan", order_by="GrilleSection.section"
    )


class GrilleSection(RowId, Versioned, Base):
    """The answers of one section, encrypted JSON: `items`, {code of the question: {field: answer}}, and
    `relus` while the grid is written: {« E3.reponse »: words read again and kept}.

    `enregistree_le`, `par`: of the last writing. `lue_le`: read back to the household.
    """

    __tablename__ = "grille_section"
    __table_args__ = (UniqueConstraint("grille_id", "section"),)

    grille_id: Mapped[int] = mapped_column(ForeignKey("grille_acces.id", ondelete="CASCADE"))
    section: Mapped[str] = mapped_column(String(1))
    reponses: Mapped[str] = mapped_column(Text)
    enregistree_le: Mapped[datetime]
    par: Mapped[str] = mapped_column(String(200))
    lue_le: Mapped[datetime | None]


class GrilleRappel(RowId, Base):
    """A reminder that left about a frozen grid, which itself never changes: each step once."""

    __tablename__ = "grille_rappel"
    __table_args__ = (UniqueConstraint("grille_id", "etape"),)

    grille_id: Mapped[int] = mapped_column(ForeignKey("grille_acces.id", ondelete="CASCADE"))
    etape: Mapped[Rappel] = mapped_column(enum_type(Rappel))
    le: Mapped[datetime]
