"""What the parties wrote in each clause of a text, and where they stand: one statement for a whole text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from portal.conventions.enums import Partie
from portal.conventions.redaction.enums import Position
from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseCommentaire,
    ConventionClausePosition,
    ConventionClauseValeur,
)
from portal.shared.db import AnyRow, AnySelect, fetch

_POSITIONS = {partie: aliased(ConventionClausePosition) for partie in Partie}


def _lire_clauses() -> AnySelect:
    ouverts = (
        select(func.count())
        .where(
            ConventionClauseCommentaire.clause_id == ConventionClause.id,
            ConventionClauseCommentaire.resolu_le.is_(None),
        )
        .scalar_subquery()
    )
    requete = select(
        ConventionClause.id,
        ConventionClause.code,
        ConventionClause.version,
        ConventionClause.numero,
        ConventionClause.texte,
        ConventionClause.retenue,
        ouverts.label("commentaires"),
        *(
            getattr(alias, colonne).label(f"{colonne}_{partie.value}")
            for partie, alias in _POSITIONS.items()
            for colonne in ("position", "motif", "le", "par")
        ),
        ConventionClauseValeur.parametre_code,
        ConventionClauseValeur.valeur,
    ).where(ConventionClause.convention_id == bindparam("convention_id"))
    for partie, alias in _POSITIONS.items():
        requete = requete.outerjoin(
            alias, and_(alias.clause_id == ConventionClause.id, alias.partie == partie)
        )
    return requete.outerjoin(ConventionClauseValeur, ConventionClauseValeur.clause_id == ConventionClause.id)


_ECRITS = _lire_clauses()


@dataclass(frozen=True)
class PositionLue:
    """Where a party stands, since when, by whose voice, and why."""

    position: Position = Position.A_EXAMINER
    motif: str = ""
    le: datetime | None = None
    par: str = ""


@dataclass(frozen=True)
class Ecrit:
    """What the parties wrote in a clause, and where they stand. `id` 0: the clause is not negotiated."""

    id: int = 0
    version: int = 0
    numero: int = 0
    texte: str | None = None
    retenue: bool = True
    positions: Mapping[Partie, PositionLue] = field(default_factory=dict)
    commentaires: int = 0  # open ones
    valeurs: Mapping[str, str] = field(default_factory=dict)


RIEN = Ecrit()


def ecrits_de(session: Session, convention_id: int) -> dict[str, Ecrit]:
    """Return what is written in each clause, by code. One statement: a row for each value of a clause."""
    valeurs: dict[str, dict[str, str]] = {}
    clauses: dict[str, AnyRow] = {}
    for row in fetch(session, _ECRITS, {"convention_id": convention_id}):
        clauses[row.code] = row
        dites = valeurs.setdefault(row.code, {})
        if row.parametre_code is not None:
            dites[row.parametre_code] = row.valeur
    return {
        code: Ecrit(
            row.id,
            row.version,
            row.numero,
            row.texte,
            row.retenue,
            {partie: _position(row, partie) for partie in Partie},
            row.commentaires,
            valeurs[code],
        )
        for code, row in clauses.items()
    }


def _position(row: AnyRow, partie: Partie) -> PositionLue:
    dite = getattr(row, f"position_{partie.value}")
    if dite is None:
        return PositionLue()
    champs = ("motif", "le", "par")
    return PositionLue(dite, *(getattr(row, f"{champ}_{partie.value}") for champ in champs))
