"""The thread and the history of the clauses of an avenant, and the mark by which open pages learn of more."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.conventions.avenants.models import (
    Avenant,
    AvenantClause,
    AvenantClauseCommentaire,
    AvenantClauseFait,
)
from portal.conventions.ecriture import auteur
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.conventions.queries import lisibles
from portal.conventions.redaction.enums import GenreFait
from portal.conventions.redaction.fil import FAITS_LUS
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import NotVisible

CHIFFRES = 9
"""Longest number read in a mark that an address or a form carries: no column holds many more."""


def inscrire(
    session: Session,
    clock: Clock,
    actor: Actor,
    clause: AvenantClause,
    genre: GenreFait,
    partie: Partie | None = None,
    /,
    *,
    parametre: str = "",
    avant: str = "",
    apres: str = "",
    motif: str = "",
) -> None:
    """Add to the history of a clause; `partie`: the one it is about, by default the actor's."""
    session.add(
        AvenantClauseFait(
            clause_id=clause.id,
            avenant_id=clause.avenant_id,
            le=clock.now(),
            personne_id=actor.personne_id,
            par=auteur(actor),
            partie=partie or partie_de(actor),
            genre=genre,
            parametre_code=parametre,
            avant=avant,
            apres=apres,
            motif=motif,
        )
    )


def marque(session: Session, actor: Actor, ref: str, avenant_ref: str) -> str:
    """Return the mark of a visible avenant: it differs once anything has changed. Raises NotVisible.

    Its version, for its stages and what it is about, then the last fact of its clauses.
    """
    rows = fetch(
        session,
        select(Avenant.version, dernier_fait())
        .join(Convention, Convention.id == Avenant.convention_id)
        .where(Avenant.ref == avenant_ref, Convention.ref == ref, lisibles(actor)),
    )
    if not rows:
        raise NotVisible(avenant_ref)
    return marque_de(rows[0].version, rows[0].dernier)


def dernier_fait() -> ColumnElement[int]:
    """Return the column `dernier`: the last fact of the clauses of an avenant, 0 before the first."""
    dernier = (
        select(func.max(AvenantClauseFait.id))
        .where(AvenantClauseFait.avenant_id == Avenant.id)
        .correlate(Avenant)
        .scalar_subquery()
    )
    return func.coalesce(dernier, 0).label("dernier")


def marque_de(version: int, dernier: int) -> str:
    """Return the mark of an avenant of this version, whose last fact is that one."""
    return f"{version}-{dernier}"


def depuis(session: Session, avenant_id: int, connue: str) -> Sequence[Any]:
    """Return what happened to the clauses of an avenant after a mark, the oldest first, with their codes.

    Nothing for a mark that no page of the portal ever carried.
    """
    version, _tiret, dernier = connue.partition("-")
    if not all(dit.isdecimal() and len(dit) <= CHIFFRES for dit in (version, dernier)):
        return ()
    return fetch(
        session,
        select(*_FAIT, AvenantClause.code)
        .join(AvenantClause, AvenantClause.id == AvenantClauseFait.clause_id)
        .where(AvenantClauseFait.avenant_id == avenant_id, AvenantClauseFait.id > int(dernier))
        .order_by(AvenantClauseFait.id)
        .limit(FAITS_LUS),
    )


_FAIT = (
    AvenantClauseFait.id,
    AvenantClauseFait.le,
    AvenantClauseFait.personne_id,
    AvenantClauseFait.par,
    AvenantClauseFait.partie,
    AvenantClauseFait.genre,
    AvenantClauseFait.parametre_code,
    AvenantClauseFait.avant,
    AvenantClauseFait.apres,
    AvenantClauseFait.motif,
)


def faits(session: Session, clause_id: int) -> Sequence[Any]:
    """Return the history of a clause, the latest first."""
    return fetch(
        session,
        select(*_FAIT)
        .where(AvenantClauseFait.clause_id == clause_id)
        .order_by(AvenantClauseFait.id.desc())
        .limit(FAITS_LUS),
    )


def commentaires(session: Session, clause_id: int) -> Sequence[Any]:
    """Return the thread of a clause, the oldest first."""
    return fetch(
        session,
        select(
            AvenantClauseCommentaire.ref,
            AvenantClauseCommentaire.partie,
            AvenantClauseCommentaire.auteur,
            AvenantClauseCommentaire.texte,
            AvenantClauseCommentaire.le,
            AvenantClauseCommentaire.resolu_le,
            AvenantClauseCommentaire.resolu_par,
        )
        .where(AvenantClauseCommentaire.clause_id == clause_id)
        .order_by(AvenantClauseCommentaire.id),
    )


def ouverts() -> ColumnElement[int]:
    """Return the column `ouverts`: how many remarks on a clause of an avenant are open."""
    nombre = (
        select(func.count())
        .where(
            AvenantClauseCommentaire.clause_id == AvenantClause.id,
            AvenantClauseCommentaire.resolu_le.is_(None),
        )
        .correlate(AvenantClause)
        .scalar_subquery()
    )
    return nombre.label("ouverts")
