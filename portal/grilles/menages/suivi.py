"""What the worker does for households: silence means no, and whoever asked is told."""

from datetime import timedelta

from sqlalchemy import select

from portal.config import Settings
from portal.grilles.menages.acces import refuser_le_silence
from portal.grilles.menages.enums import StatutAcces
from portal.grilles.menages.models import AccesMenage
from portal.jobs.registry import housekeeping
from portal.shared.clock import Clock
from portal.shared.db import Database

LOT = 500


@housekeeping("menages_acces", every=timedelta(hours=1))
def refuser_les_silences(database: Database, clock: Clock, _settings: Settings) -> int:
    """Refuse the requests that nobody answered in time; return how many. One transaction each."""
    with database.session() as session:
        refs = session.scalars(
            select(AccesMenage.ref)
            .where(AccesMenage.statut == StatutAcces.DEMANDE, AccesMenage.repondre_avant <= clock.now())
            .order_by(AccesMenage.id)
            .limit(LOT)
        ).all()
    refused = 0
    for ref in refs:
        with database.session(write=True) as session:
            refused += refuser_le_silence(session, clock, ref)
            session.commit()
    return refused
