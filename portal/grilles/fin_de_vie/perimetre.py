"""Everything that goes away with a household: followed in the schema, so that a table added later is found.

What depends on a household says so by its foreign key: `ON DELETE CASCADE` goes away with it, `SET NULL`
outlives it without it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Column, ForeignKeyConstraint, Table, select
from sqlalchemy.orm import Session

from portal.grilles.menages.models import Menage
from portal.grilles.remplissage.models import GrilleAcces
from portal.shared.db import Base

LOT = 500  # keys of one statement
FICHIER = "fichier"


@dataclass
class Perimetre:
    """Rows by table (keys), their public references, the files that they name."""

    lignes: dict[str, set[int]] = field(default_factory=dict)
    refs: set[str] = field(default_factory=set)
    fichiers: set[int] = field(default_factory=set)

    def comptes(self) -> dict[str, int]:
        """Return how many rows of each table, files included: what the proof keeps."""
        found = {nom: len(cles) for nom, cles in sorted(self.lignes.items()) if cles}
        return found | ({"fichiers": len(self.fichiers)} if self.fichiers else {})


def du_menage(session: Session, menage_id: int) -> Perimetre:
    """Return what goes away with a household."""
    return _suivre(session, Menage.__tablename__, menage_id)


def de_la_grille(session: Session, grille_id: int) -> Perimetre:
    """Return what goes away with one version of a grid."""
    return _suivre(session, GrilleAcces.__tablename__, grille_id)


def tables(depuis: str = Menage.__tablename__) -> list[str]:
    """Return the tables whose rows go away with a household, itself first."""
    found = [depuis]
    for nom in found:
        found += [table.name for table, _column in _dependantes(nom) if table.name not in found]
    return found


def _suivre(session: Session, depuis: str, cle: int) -> Perimetre:
    perimetre = Perimetre()
    a_voir: list[tuple[str, set[int]]] = [(depuis, {cle})]
    while a_voir:
        nom, cles = a_voir.pop()
        nouvelles = cles - perimetre.lignes.get(nom, set())
        if not nouvelles:
            continue
        perimetre.lignes.setdefault(nom, set()).update(nouvelles)
        _retenir(session, Base.metadata.tables[nom], nouvelles, perimetre)
        for table, column in _dependantes(nom):
            a_voir.append((table.name, set(_cles(session, table, column, nouvelles))))
    return perimetre


def _retenir(session: Session, table: Table, cles: Collection[int], perimetre: Perimetre) -> None:
    """Note the public references and the files of some rows."""
    vers_fichier = [fk.parent for fk in _etrangeres(table) if fk.target == FICHIER]
    colonnes = [*([table.c.ref] if "ref" in table.c else []), *vers_fichier]
    if not colonnes:
        return
    for lot in _lots(cles):
        for row in session.execute(select(*colonnes).where(table.c.id.in_(lot)).order_by(table.c.id)):
            valeurs = dict(zip(colonnes, row, strict=True))
            perimetre.refs.update(valeurs[c] for c in colonnes if c.name == "ref")
            perimetre.fichiers.update(valeurs[c] for c in vers_fichier if valeurs[c] is not None)


def _cles(session: Session, table: Table, column: Column[int], cles: Collection[int]) -> Iterator[int]:
    for lot in _lots(cles):
        yield from session.scalars(select(table.c.id).where(column.in_(lot)).order_by(table.c.id))


def _lots(cles: Collection[int]) -> Iterator[list[int]]:
    ordonnees = sorted(cles)
    for debut in range(0, len(ordonnees), LOT):
        yield ordonnees[debut : debut + LOT]


@dataclass(frozen=True)
class _Etrangere:
    parent: Column[int]
    target: str
    ondelete: str


def _etrangeres(table: Table) -> list[_Etrangere]:
    """Return the foreign keys of a table (each of one column) in the order of their columns."""
    found = [
        _Etrangere(element.parent, element.column.table.name, (constraint.ondelete or "").upper())
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint)
        for element in constraint.elements
    ]
    return sorted(found, key=lambda one: one.parent.name)


def _dependantes(nom: str) -> list[tuple[Table, Column[int]]]:
    return [
        (table, one.parent)
        for table in Base.metadata.sorted_tables
        for one in _etrangeres(table)
        if one.target == nom and one.ondelete == "CASCADE"
    ]
