"""The thread of a clause and its history: what was said, what was done, by whom and for which party."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.redaction.models import (
    ConventionClause,
    ConventionClauseCommentaire,
    ConventionClauseFait,
)
from portal.shared.db import fetch

FAITS_LUS = 200


def commentaires(session: Session, clause_id: int) -> Sequence[Any]:
    """Return the thread of a clause, the oldest first."""
    return fetch(
        session,
        select(
            ConventionClauseCommentaire.ref,
            ConventionClauseCommentaire.partie,
            ConventionClauseCommentaire.auteur,
            ConventionClauseCommentaire.texte,
            ConventionClauseCommentaire.le,
            ConventionClauseCommentaire.resolu_le,
            ConventionClauseCommentaire.resolu_par,
        )
        .where(ConventionClauseCommentaire.clause_id == clause_id)
        .order_by(ConventionClauseCommentaire.id),
    )


_FAIT = (
    ConventionClauseFait.id,
    ConventionClauseFait.numero,
    ConventionClauseFait.le,
    ConventionClauseFait.personne_id,
    ConventionClauseFait.par,
    ConventionClauseFait.partie,
    ConventionClauseFait.genre,
    ConventionClauseFait.parametre_code,
    ConventionClauseFait.avant,
    ConventionClauseFait.apres,
    ConventionClauseFait.motif,
)


def faits(session: Session, clause_id: int) -> Sequence[Any]:
    """Return the history of a clause, the latest first."""
    return fetch(
        session,
        select(*_FAIT)
        .where(ConventionClauseFait.clause_id == clause_id)
        .order_by(ConventionClauseFait.id.desc())
        .limit(FAITS_LUS),
    )


def depuis(session: Session, convention_id: int, numero: int) -> Sequence[Any]:
    """Return what happened to the clauses of a text after a number, the oldest first, with their codes."""
    return fetch(
        session,
        select(*_FAIT, ConventionClause.code)
        .join(ConventionClause, ConventionClause.id == ConventionClauseFait.clause_id)
        .where(ConventionClauseFait.convention_id == convention_id, ConventionClauseFait.numero > numero)
        .order_by(ConventionClauseFait.id)
        .limit(FAITS_LUS),
    )
