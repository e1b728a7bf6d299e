"""What changes an entry without anyone opening it: days, and what the reference and FINESS now say."""

import hashlib
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, true
from sqlalchemy.orm import Session

from portal.annuaire import liens, relances
from portal.annuaire.indexation import ANCIENS_MOIS, LOT, reindexer
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.models_vie import OUVERTS, Signalement
from portal.annuaire.nomenclatures import DOSSIER
from portal.audit.models import EtatTechnique
from portal.config import Settings
from portal.jobs.registry import housekeeping
from portal.organisations.models import Organisation, Structure
from portal.organisations.reference import FINGERPRINT
from portal.shared.clock import Clock
from portal.shared.dates import plus_mois
from portal.shared.db import Database

RETARD = timedelta(days=8)  # a worker that stood still for a week catches up
EMPREINTE = "annuaire_empreinte"
SUIVIS = timedelta(days=365)  # that a reported error is kept once answered, or its function closed


@housekeeping("annuaire", every=timedelta(days=1))
def run_reindex(database: Database, clock: Clock, _settings: Settings) -> int:
    """Write again the search columns that what happened lately made stale; return of how many entries.

    A batch at a time, so that nobody waits to write meanwhile.
    """
    with database.session() as session:
        now = _empreinte(session)
        known = session.get(EtatTechnique, EMPREINTE)
        same = known is not None and known.valeur == now
        ids = session.scalars(
            select(Referent.id)
            .where(Referent.ferme_le.is_(None), _perimees(clock) if same else true())
            .order_by(Referent.id)
        ).all()
    for rang in range(0, len(ids), LOT):
        with database.session(write=True) as session:
            reindexer(session, clock, Referent.id.in_(ids[rang : rang + LOT]))
            session.commit()
    if not same:
        with database.session(write=True) as session:
            session.merge(EtatTechnique(cle=EMPREINTE, valeur=now))
            session.commit()
    return len(ids)


def _perimees(clock: Clock) -> ColumnElement[bool]:
    """The entries that someone took or left lately, and those whose organisation or structure changed.

    Taken by a named day, left the day before, or left so long ago that their name finds it no more. Many
    structures at once are written by an import, which tells rooms nothing of each.
    """
    jour, since = clock.today(), clock.now() - RETARD
    oublies = plus_mois(jour, -ANCIENS_MOIS)
    lately = or_(_autour(Titulaire.du, jour), _autour(Titulaire.au, jour), _autour(Titulaire.au, oublies))
    return or_(
        Referent.titulaires.any(lately),
        Referent.structure_id.in_(select(Structure.id).where(Structure.updated_at >= since)),
        Referent.organisation_id.in_(select(Organisation.id).where(Organisation.updated_at >= since)),
    )


def _autour(column: Any, jour: date) -> ColumnElement[bool]:
    """Within a few days before a day, and the next: it has come already east of Paris."""
    found: ColumnElement[bool] = column.between(jour - RETARD, jour + timedelta(days=1))
    return found


def _empreinte(session: Session) -> str:
    """Return what tells the reference data and the abbreviations, as they now are, from others."""
    loaded = session.get(EtatTechnique, FINGERPRINT)
    digest = hashlib.sha256((loaded.valeur if loaded else "").encode())
    for path in sorted(DOSSIER.glob("*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@housekeeping("annuaire_relances", every=timedelta(days=1))
def run_reminders(database: Database, clock: Clock, _settings: Settings) -> int:
    """Ask people whether their entries are still true; return how many e-mails were written."""
    return relances.relancer(database, clock)


@housekeeping("annuaire_purge", every=timedelta(days=1))
def run_purge(database: Database, clock: Clock, _settings: Settings) -> None:
    """Forget the links that no longer work, and what was written and reported long ago."""
    now = clock.now()
    with database.session(write=True) as session:
        liens.purger(session, clock)
        relances.purger(session, clock)
        session.execute(
            delete(Signalement).where(
                or_(
                    Signalement.statut.not_in(OUVERTS),
                    Signalement.referent_id.in_(select(Referent.id).where(Referent.ferme_le.is_not(None))),
                ),
                Signalement.updated_at <= now - SUIVIS,
            )
        )
        session.commit()
