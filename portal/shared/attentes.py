"""What waits for someone in several rooms: each says what it looks for, one statement reads them all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Integer, SQLColumnExpression, String, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from portal.shared.db import AnyRow, AnySelect, UtcDateTime, fetch

Colonne: TypeAlias = SQLColumnExpression[Any]

_RIEN: Colonne = literal("")


def attente(
    quoi: str,
    *,
    ref: Colonne = _RIEN,
    libelle: Colonne = _RIEN,
    nombre: Colonne | None = None,
    quand: Colonne | None = None,
) -> AnySelect:
    """Return the columns of what waits, to which a room adds where it looks.

    `quoi`: what it is, alone in its kind among all the rooms.
    """
    return select(
        literal(quoi).label("quoi"),
        cast(ref, String).label("ref"),
        cast(libelle, String).label("libelle"),
        cast(nombre if nombre is not None else literal(0), Integer).label("nombre"),
        (quand if quand is not None else cast(null(), UtcDateTime)).label("quand"),
    )


def lire(session: Session, attentes: Iterable[AnySelect]) -> Mapping[str, Sequence[AnyRow]]:
    """Return what waits, by kind (an empty list where nothing does): ref, libelle, nombre, quand. One
    statement."""
    parts = [select(part.subquery()) for part in attentes]
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    if parts:
        toutes = union_all(*parts).subquery()
        ordre = (toutes.c.quoi, toutes.c.libelle, toutes.c.quand, toutes.c.ref)
        for row in fetch(session, select(toutes).order_by(*ordre)):
            found[row.quoi].append(row)
    return found


def nombre(lues: Mapping[str, Sequence[AnyRow]], quoi: str) -> int:
    """Return how many of one kind wait, for a kind that is a count."""
    return sum(row.nombre for row in lues.get(quoi, ()))
