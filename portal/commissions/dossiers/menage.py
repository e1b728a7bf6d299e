"""What the worker does for dossiers: opening the papers on the day, reminding of the opinions missing."""

from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from portal.commissions.dossiers import avis, ordre
from portal.commissions.enums import StatutSeance
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.config import Settings
from portal.conventions.jours import fuseau_de
from portal.jobs.registry import housekeeping
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.shared.errors import DomainError

HORIZON = timedelta(days=61)
"""The longest « J-n » that a commission may choose, and a day."""


@housekeeping("dossiers_papiers", every=timedelta(minutes=30))
def ouvrir_les_papiers(database: Database, clock: Clock, _settings: Settings) -> int:
    """Open the papers of the sessions whose day has come (« J-5 »), remind of the opinions that are missing
    when the commission's reminder is due; return how many e-mails that took. One transaction a session."""
    now = clock.now()
    with database.session() as session:
        keys = session.scalars(
            select(Seance.id)
            .where(
                Seance.statut == StatutSeance.CONVOQUEE,
                Seance.debut > now,
                Seance.debut <= now + HORIZON,
                exists().where(Dossier.seance_id == Seance.id),
            )
            .order_by(Seance.debut, Seance.id)
        ).all()
    written = 0
    for key in keys:
        with database.session(write=True) as session:
            seance = ordre.seance_de(session, key)
            if seance.statut is not StatutSeance.CONVOQUEE or seance.debut <= clock.now():
                continue  # cancelled or begun since the keys were read
            fuseau = fuseau_de(seance.departement_code)
            reste = seance.debut.astimezone(ZoneInfo(fuseau)).date() - clock.today(fuseau)
            commission = seance.commission
            conduite = ordre.conduite_de(session, seance.id, tenue=True)
            if conduite.fige_le is None:
                if reste <= timedelta(days=commission.ordre_du_jour_jours):
                    with suppress(DomainError):  # emptied meanwhile: nobody is told
                        written += ordre.figer(session, clock, None, seance)
            elif conduite.avis_relances_le is None and reste <= timedelta(days=commission.rappel_jours):
                with suppress(DomainError):
                    written += avis.relancer(session, clock, None, seance)
            session.commit()
    return written
