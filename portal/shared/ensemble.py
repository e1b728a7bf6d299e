"""Unlike readings in one statement: a page made of several rooms asks the database once for all of them."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Integer, Label, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from portal.shared.db import AnySelect, fetch

Lues = Mapping[str, list[SimpleNamespace]]
"""What was read, by the name of each reading: rows whose attributes are its columns, in no order."""


def rang(*ordre: Any) -> Label[int]:
    """Return the column `rang` of a reading whose rows are wanted in an order: its reader sorts by it."""
    return func.row_number(type_=Integer).over(order_by=ordre).label("rang")


def lire(session: Session, lectures: Mapping[str, AnySelect]) -> Lues:
    """Return what each select reads, under its own name. One statement, none when there is nothing to read.

    Each keeps its columns, their names and their types; those of the others are empty beside them.
    """
    tables = {nom: lecture.subquery() for nom, lecture in lectures.items()}
    lues: dict[str, list[SimpleNamespace]] = {nom: [] for nom in tables}
    if not tables:
        return lues
    parts = [
        select(
            literal(nom).label("lecture"),
            *(
                (colonne if autre is table else cast(null(), colonne.type)).label(f"{rang}_{colonne.key}")
                for rang, autre in enumerate(tables.values())
                for colonne in autre.columns
            ),
        )
        for nom, table in tables.items()
    ]
    toutes = union_all(*parts).subquery()
    places = {
        nom: (f"{rang}_", [c.key for c in table.columns]) for rang, (nom, table) in enumerate(tables.items())
    }
    for row in fetch(session, select(toutes)):
        prefixe, colonnes = places[row.lecture]
        lues[row.lecture].append(SimpleNamespace(**{c: row._mapping[prefixe + c] for c in colonnes}))
    return lues
