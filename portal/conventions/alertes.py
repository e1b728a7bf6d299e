"""Recalling renewals: 365, 180, 90, 30 and 0 days before the end (domaine.md § 5.2 [P], parameter)."""

from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from portal.audit.models import EtatTechnique
from portal.config import Settings
from portal.conventions import avis, parametres, regles
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.jobs.registry import housekeeping
from portal.organisations.models import Departement
from portal.organisations.parametres import value
from portal.shared.clock import Clock
from portal.shared.db import Database

JUSQU_AU = "conventions:alertes:"
"""Key of the last day told, by département: a stopped worker catches up, nothing is told twice."""


@housekeeping("alertes_renouvellement", every=timedelta(hours=6))
def lancer(database: Database, clock: Clock, _settings: Settings) -> None:
    """Write the recalls that are due, one transaction a département."""
    with database.session() as session:
        departements = session.execute(select(Departement.code, Departement.fuseau)).all()
    for code, fuseau in departements:
        with database.session(write=True) as session:
            rappeler(session, clock, code, clock.today(fuseau))
            session.commit()


def rappeler(session: Session, clock: Clock, departement_code: str, jour: date) -> int:
    """Write the recalls of a département until `jour`; return how many lines were recalled.

    The first run tells the thresholds of that very day only.
    """
    cle = JUSQU_AU + departement_code
    connu = session.get(EtatTechnique, cle)
    depuis = date.fromisoformat(connu.valeur) if connu else jour - timedelta(days=1)
    if depuis >= jour:
        return 0
    seuils = value(session, parametres.ALERTES, departement_code)
    rappelees = 0
    for ligne in _sans_suite(
        session, departement_code, depuis, jour + timedelta(days=max(seuils, default=0))
    ):
        assert ligne.fin_effective is not None
        seuil = regles.alerte_atteinte(ligne.fin_effective, depuis, jour, seuils)
        if seuil is not None:
            avis.renouvellement(session, clock, ligne, (ligne.fin_effective - jour).days)
            rappelees += 1
    session.merge(EtatTechnique(cle=cle, valeur=jour.isoformat()))
    session.flush()
    return rappelees


def _sans_suite(session: Session, departement_code: str, du: date, au: date) -> list[Convention]:
    """Return the signed lines that end between two days, without a successor nor a termination."""
    suite = aliased(Convention)
    remplacee = exists().where(suite.remplace_id == Convention.id, suite.statut != Statut.SANS_OBJET)
    return list(
        session.scalars(
            select(Convention)
            .where(
                Convention.departement_code == departement_code,
                Convention.statut == Statut.SIGNEE,
                Convention.resiliation_effet.is_(None),
                Convention.fin_effective.between(du, au),
                ~remplacee,
            )
            .order_by(Convention.id)
        )
    )
