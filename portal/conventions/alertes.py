"""Recalls before the end of a CTP: 365, 180, 90, 30 and 0 days before (domaine.md § 5.2 [P], a parameter).

Each is sent once; a worker that was stopped sends what is still true when it comes back, once a line.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

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
        departements = session.execute(
            select(Departement.code, Departement.fuseau).order_by(Departement.code)
        ).all()
    for code, fuseau in departements:
        with database.session(write=True) as session:
            rappeler(session, clock, code, clock.today(fuseau))
            session.commit()


def rappeler(session: Session, clock: Clock, departement_code: str, jour: date) -> int:
    """Write the recalls of a département until `jour`; return how many lines were recalled.

    The first run tells the thresholds of that very day only. A line whose successor is signed, or that a
    party has terminated, is left alone; one whose successor is still open is told where that one stands.
    """
    cle = JUSQU_AU + departement_code
    connu = session.get(EtatTechnique, cle)
    depuis = date.fromisoformat(connu.valeur) if connu else jour - timedelta(days=1)
    if depuis >= jour:
        return 0
    seuils = value(session, parametres.ALERTES, departement_code)
    jusqu_a = jour + timedelta(days=max(seuils, default=0))
    rappelees = [
        (ligne, ligne.fin_effective, suite)
        for ligne, suite in _a_suivre(session, departement_code, depuis, jusqu_a)
        if ligne.fin_effective is not None
        and regles.alerte_atteinte(ligne.fin_effective, depuis, jour, seuils) is not None
    ]
    en_charge = avis.en_charge(session, clock, [ligne for ligne, _fin, _suite in rappelees])
    for ligne, fin, suite in rappelees:
        avis.renouvellement(session, clock, ligne, (fin - jour).days, suite, en_charge[ligne.id])
    session.merge(EtatTechnique(cle=cle, valeur=jour.isoformat()))
    session.flush()
    return len(rappelees)


def _a_suivre(
    session: Session, departement_code: str, du: date, au: date
) -> Sequence[Row[Convention, Statut | None]]:
    """Return the signed lines that end between two days, each with the state of its open successor.

    Those that a party has terminated, or whose successor is signed, are left out.
    """
    suite = aliased(Convention)
    return session.execute(
        select(Convention, suite.statut)
        .outerjoin(suite, and_(suite.remplace_id == Convention.id, suite.statut != Statut.SANS_OBJET))
        .where(
            Convention.departement_code == departement_code,
            Convention.statut == Statut.SIGNEE,
            Convention.fin_effective.between(du, au),
            Convention.resiliation_effet.is_(None),
            or_(suite.id.is_(None), suite.statut != Statut.SIGNEE),
        )
        .options(joinedload(Convention.operateur), joinedload(Convention.siao))
        .order_by(Convention.id)
    ).all()
