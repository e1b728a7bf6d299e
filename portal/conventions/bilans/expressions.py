"""Conditions on lines, by their bilans."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, func, select

from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.models import Bilan
from portal.conventions.bilans.regles import RELANCE_JOURS
from portal.conventions.models import Convention

Condition = ColumnElement[bool]


def _attendus(jour: date) -> tuple[Condition, ...]:
    return (
        Bilan.convention_id == Convention.id,
        Bilan.statut != StatutBilan.RENDU,
        Bilan.echeance >= jour - timedelta(days=RELANCE_JOURS),
    )


def bilan_attendu(jour: date) -> Condition:
    """A bilan of the line was asked for, is not given, and is not long forgotten."""
    return exists().where(*_attendus(jour)).correlate(Convention)


def echeance() -> ColumnElement[date]:
    """The day on which the first bilan of the line that was not given is due."""
    return (
        select(func.min(Bilan.echeance))
        .where(Bilan.convention_id == Convention.id, Bilan.statut != StatutBilan.RENDU)
        .correlate(Convention)
        .scalar_subquery()
    )
