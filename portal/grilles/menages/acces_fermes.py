"""Closing at once what was opened to colleagues: the household is protected, or no longer accompanied."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.grilles.menages.enums import StatutAcces
from portal.grilles.menages.models import AccesMenage, Menage
from portal.shared.clock import Clock


def fermer_tous(session: Session, clock: Clock, menage: Menage) -> None:
    """Close every access to a household, and refuse what waits for an answer."""
    rows = session.scalars(
        select(AccesMenage)
        .where(
            AccesMenage.menage_id == menage.id,
            AccesMenage.statut.in_((StatutAcces.DEMANDE, StatutAcces.ACCORDE)),
        )
        .order_by(AccesMenage.id)
        .with_for_update()
    )
    for acces in rows:
        waits = acces.statut is StatutAcces.DEMANDE
        acces.statut = StatutAcces.REFUSE if waits else StatutAcces.FERME
        acces.ferme_le = acces.updated_at = clock.now()
    session.flush()
