"""The state of the queue of jobs, for the technical administrator: kinds, durations, failures."""

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.jobs.models import StatutTravail, Travail


def nombres(session: Session) -> dict[StatutTravail, int]:
    """Return how many jobs stand in each state."""
    rows = session.execute(select(Travail.statut, func.count()).group_by(Travail.statut))
    return dict(rows.all())


def recents(session: Session, limit: int = 20) -> list[Row[*tuple[Any, ...]]]:
    """Return the latest jobs of everyone: kind, state, times and the code of the error; nothing typed."""
    return list(
        session.execute(
            select(
                Travail.genre,
                Travail.statut,
                Travail.created_at,
                Travail.demarre_le,
                Travail.termine_le,
                Travail.essais,
                Travail.erreur,
            )
            .order_by(Travail.id.desc())
            .limit(limit)
        )
    )
