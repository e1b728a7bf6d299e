"""« Whose turn it is » and « is it agreed » in SQL: the same as `positions`, for lists of conventions."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.conventions.enums import Partie
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.models import Convention
from portal.conventions.redaction.enums import MODIFIABLES, Position
from portal.conventions.redaction.models import ConventionClause, ConventionClausePosition, ConventionTexte
from portal.conventions.redaction.positions import FAVORABLES, OBJECTIONS

Condition = ColumnElement[bool]


def attend(partie: Partie, clause: Any = ConventionClause, dite: Any = ConventionClausePosition) -> Condition:
    """Return the condition « this clause waits for this party ».

    `clause`, `dite`: the tables of the clauses and of the positions, those of an avenant being others.
    """

    def dit(positions: frozenset[Position], *conditions: Condition) -> Condition:
        return exists().where(dite.clause_id == clause.id, dite.position.in_(positions), *conditions)

    sienne = dite.partie == partie
    etoile: list[Condition] = []
    if partie is Partie.OPERATEUR:
        etoile = [and_(clause.attention, ~dit(frozenset({Position.ACCEPTEE}), sienne))]
    attendue = and_(~dit(OBJECTIONS, sienne), or_(dit(OBJECTIONS), ~dit(FAVORABLES, sienne), *etoile))
    if partie is not Partie.SIAO:
        return attendue
    contre = (
        select(func.count())
        .where(dite.clause_id == clause.id, dite.position.in_(OBJECTIONS))
        .scalar_subquery()
    )
    return or_(attendue, contre == len(Partie))


def _attendues(partie: Partie) -> Select[int]:
    return select(func.count()).where(
        ConventionClause.convention_id == Convention.id, ConventionClause.retenue, attend(partie)
    )


def nombre_attendues(partie: Partie) -> ColumnElement[int]:
    """Return how many clauses of a line wait for a party."""
    return _attendues(partie).correlate(Convention).scalar_subquery()


def tout_accorde() -> Condition:
    """Return the condition « the line has a text, and the three parties agree on all its clauses »."""
    clauses = exists().where(ConventionClause.convention_id == Convention.id, ConventionClause.retenue)
    return and_(clauses, ~clauses.where(or_(*(attend(partie) for partie in Partie))))


def a_des_attendues(partie: Partie) -> Condition:
    """Return the condition « some clause of the line waits for this party »."""
    return exists().where(
        ConventionClause.convention_id == Convention.id, ConventionClause.retenue, attend(partie)
    )


def version_anterieure() -> Condition:
    """Return the condition « the line's text may change, and a later green version is published »."""
    sienne, neuve = aliased(VersionDepartementale), aliased(VersionDepartementale)
    retard = (
        select(ConventionTexte.convention_id)
        .join(sienne, sienne.id == ConventionTexte.version_departementale_id)
        .join(
            neuve,
            and_(neuve.departement_code == sienne.departement_code, neuve.numero > sienne.numero),
        )
        .where(
            ConventionTexte.convention_id == Convention.id,
            ConventionTexte.fige_le.is_(None),
            neuve.statut == StatutVersion.PUBLIEE,
        )
        .correlate(Convention)
        .exists()
    )
    return and_(Convention.statut.in_(MODIFIABLES), retard)


def clauses_ouvertes(*, etoiles: bool = False) -> ColumnElement[int]:
    """Return how many clauses of a line the three parties do not agree on; `etoiles`: those marked ★ only."""
    favorables = (
        select(func.count())
        .where(
            ConventionClausePosition.clause_id == ConventionClause.id,
            ConventionClausePosition.position.in_(FAVORABLES),
            or_(
                ~ConventionClause.attention,
                ConventionClausePosition.partie != Partie.OPERATEUR,
                ConventionClausePosition.position == Position.ACCEPTEE,
            ),
        )
        .correlate(ConventionClause)
        .scalar_subquery()
    )
    ouvertes = select(func.count()).where(
        ConventionClause.convention_id == Convention.id,
        ConventionClause.retenue,
        favorables < len(Partie),
        *((ConventionClause.attention,) if etoiles else ()),
    )
    return ouvertes.correlate(Convention).scalar_subquery()
