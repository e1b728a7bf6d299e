"""Reading the reference data: départements, natures, communes, and the territories that hold communes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal, select, union_all
from sqlalchemy.orm import Session

from portal.organisations.models import Arrondissement, Commune, Departement, Epci, Nature
from portal.shared.messages import N_
from portal.shared.search import matches
from portal.shared.text import sort_key

Ligne = Row[*tuple[Any, ...]]


class Maille(Enum):
    """Kinds of territory smaller than a département."""

    ARRONDISSEMENT = "arrondissement"
    EPCI = "epci"
    COMMUNE = "commune"


LIBELLES_MAILLE: dict[Maille, str] = {
    Maille.ARRONDISSEMENT: N_("Arrondissements"),
    Maille.EPCI: N_("Intercommunalités"),
    Maille.COMMUNE: N_("Communes"),
}


@dataclass(frozen=True)
class Lieu:
    """A territory smaller than a département, by its INSEE code (an EPCI: its SIREN)."""

    maille: Maille
    code: str

    @classmethod
    def lire(cls, adresse: str) -> "Lieu | None":
        """Read « epci-200069409 »; None when it is none."""
        nom, _tiret, code = adresse.partition("-")
        maille = next((maille for maille in Maille if maille.value == nom), None)
        return cls(maille, code[:9]) if maille and code else None

    def __str__(self) -> str:
        """Return what `lire` reads."""
        return f"{self.maille.value}-{self.code}"


def departements(session: Session) -> Sequence[Ligne]:
    """Return every département: code, nom, region_code, fuseau."""
    return session.execute(
        select(Departement.code, Departement.nom, Departement.region_code, Departement.fuseau).order_by(
            Departement.code
        )
    ).all()


def natures(session: Session) -> Sequence[Nature]:
    """Return every nature de dispositif in the order of the nomenclature."""
    return session.scalars(select(Nature).order_by(Nature.ordre)).all()


def communes(
    session: Session,
    text: str,
    departement_code: str = "",
    limit: int = 10,
    *,
    parmi: Sequence[str] | None = None,
) -> Sequence[Ligne]:
    """Return the communes matching a text, by name: code, nom, departement_code, codes_postaux.

    `departement_code`, `parmi`: of one département, of some; all of them without.
    """
    table: Any = Commune.__table__
    statement = (
        select(Commune.code, Commune.nom, Commune.departement_code, Commune.codes_postaux)
        .where(matches(session, table, text))
        .order_by(Commune.tri, Commune.code)
        .limit(limit)
    )
    if departement_code:
        statement = statement.where(Commune.departement_code == departement_code)
    if parmi is not None:
        statement = statement.where(Commune.departement_code.in_(parmi))
    return session.execute(statement).all()


def situation(session: Session, commune_code: str | None) -> Ligne | None:
    """Return where a commune is: commune, epci, arrondissement (names, None when it has none)."""
    if not commune_code:
        return None
    return session.execute(
        with_territories(
            select(
                Commune.nom.label("commune"),
                Epci.nom.label("epci"),
                Arrondissement.nom.label("arrondissement"),
            ).select_from(Commune)
        ).where(Commune.code == commune_code)
    ).one_or_none()


def with_territories(statement: Any) -> Select[*tuple[Any, ...]]:
    """Join to the communes of a statement their EPCI and their arrondissement."""
    joined: Select[*tuple[Any, ...]] = statement.outerjoin(Epci, Epci.code == Commune.epci_code).outerjoin(
        Arrondissement, Arrondissement.code == Commune.arrondissement_code
    )
    return joined


def communes_of(lieu: Lieu) -> Select[Any]:
    """Return the codes of the communes of a territory."""
    codes = select(Commune.code)
    if lieu.maille is Maille.COMMUNE:
        return codes.where(Commune.code == lieu.code)
    if lieu.maille is Maille.EPCI:
        return codes.where(Commune.epci_code == lieu.code)
    here = select(Arrondissement.departement_code).where(Arrondissement.code == lieu.code).scalar_subquery()
    return codes.where(Commune.departement_code == here, Commune.arrondissement_code == lieu.code)


def territories(session: Session, communes_kept: ColumnElement[bool]) -> dict[Maille, list[tuple[str, str]]]:
    """Return the territories that hold some communes, as (address, name) by kind. One statement."""
    rows = session.execute(
        with_territories(
            select(
                Commune.code,
                Commune.nom,
                Epci.code.label("epci_code"),
                Epci.nom.label("epci"),
                Arrondissement.code.label("arrondissement_code"),
                Arrondissement.nom.label("arrondissement"),
            ).select_from(Commune)
        )
        .where(communes_kept)
        .order_by(Commune.tri, Commune.code)
    ).all()
    found = {
        Maille.ARRONDISSEMENT: _named(rows, "arrondissement_code", "arrondissement"),
        Maille.EPCI: _named(rows, "epci_code", "epci"),
        Maille.COMMUNE: _named(rows, "code", "nom"),
    }
    return {
        maille: [(str(Lieu(maille, code)), nom) for code, nom in named]
        for maille, named in found.items()
        if named
    }


def _named(rows: Iterable[Ligne], code: str, nom: str) -> list[tuple[str, str]]:
    pairs = {getattr(row, code): getattr(row, nom) for row in rows if getattr(row, code)}
    return sorted(pairs.items(), key=lambda pair: sort_key(pair[1]))


def territoires_de(session: Session, codes: Sequence[str]) -> dict[Maille, list[tuple[str, str]]]:
    """Return the arrondissements and EPCIs of some départements, as (address, name) by kind."""
    arrondissements = select(
        literal(Maille.ARRONDISSEMENT.value).label("maille"), Arrondissement.code, Arrondissement.nom
    ).where(Arrondissement.departement_code.in_(codes))
    inside = select(Commune.epci_code).where(Commune.departement_code.in_(codes))
    epci = select(literal(Maille.EPCI.value), Epci.code, Epci.nom).where(Epci.code.in_(inside))
    named: dict[Maille, list[tuple[str, str]]] = {Maille.ARRONDISSEMENT: [], Maille.EPCI: []}
    for row in sorted(session.execute(union_all(arrondissements, epci)), key=lambda row: sort_key(row.nom)):
        maille = Maille(row.maille)
        named[maille].append((str(Lieu(maille, row.code)), row.nom))
    return named
