"""What the worker does each day: tell of the data that come to their term, erase those past it (D17)."""

from datetime import timedelta

import structlog

from portal.config import Settings
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie.conservation import passer
from portal.grilles.fin_de_vie.travaux import oublier
from portal.jobs.registry import housekeeping
from portal.shared.clock import Clock
from portal.shared.db import Database

log = structlog.get_logger(__name__)


@housekeeping("menages_conservation", every=timedelta(days=1))
def conserver(database: Database, clock: Clock, settings: Settings) -> None:
    """Tell and erase, as `menages effacer --pour-de-vrai` does."""
    bilan = passer(database, clock, Storage(settings), pour_de_vrai=True)
    if bilan.prevenus or bilan.menages or bilan.brouillons:
        log.info("menages.conservation", told=bilan.prevenus, erased=bilan.menages, drafts=bilan.brouillons)


@housekeeping("menages_copies", every=timedelta(days=1))
def oublier_les_copies(database: Database, clock: Clock, settings: Settings) -> None:
    """Forget the copies that households asked for, a month after they were made."""
    with database.session(write=True) as session:
        oublier(session, clock, Storage(settings))
        session.commit()
