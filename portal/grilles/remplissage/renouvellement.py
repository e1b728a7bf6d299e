"""Grids that grow old: those that wait for someone, and the e-mails that say so without saying of whom."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from portal.comptes.models import Personne
from portal.config import Settings
from portal.conventions.jours import fuseau_de
from portal.grilles.menages import queries as menages
from portal.grilles.menages.enums import Lien
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage import parametres
from portal.grilles.remplissage.enums import Rappel, StatutGrille
from portal.grilles.remplissage.models import GrilleAcces, GrilleRappel
from portal.jobs.registry import housekeeping
from portal.notifications.service import enqueue
from portal.organisations.parametres import by_departement
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.attentes import attente
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, AnySelect, Database, fetch

A_RENOUVELER = "grille_a_renouveler"
MONTREES = 10
LOT = 1000  # grids looked at in one run
HORIZON = timedelta(days=90)  # the longest notice that a département may choose


def attentes(clock: Clock, actor: Actor) -> list[AnySelect]:
    """Return what to look for: the grids to renew of the households that the actor accompanies (`ref` of the
    household, `libelle`: its code)."""
    if not can(actor, Permission.GRILLES_REMPLIR):
        return []
    return [
        attente(A_RENOUVELER, ref=Menage.ref, libelle=Menage.code)
        .join(GrilleAcces, GrilleAcces.menage_id == Menage.id)
        .where(
            menages.visible_to(actor, clock),
            menages.lien(actor, clock).in_([Lien.REFERENT.value, Lien.RELAIS.value]),
            _dernieres(clock.today(actor.fuseau)),
        )
        .order_by(GrilleAcces.a_renouveler_le, GrilleAcces.id)
        .limit(MONTREES)
    ]


def _dernieres(jusqu_au: date) -> ColumnElement[bool]:
    """The frozen grids that nothing follows, not even a draft, old by a day; of households still followed."""
    suivante = aliased(GrilleAcces)
    return and_(
        Menage.clos_le.is_(None),
        GrilleAcces.statut == StatutGrille.FIGEE,
        GrilleAcces.a_renouveler_le <= jusqu_au,
        ~exists().where(suivante.menage_id == GrilleAcces.menage_id, suivante.numero > GrilleAcces.numero),
    )


@housekeeping("grilles_renouvellement", every=timedelta(days=1))
def rappeler(database: Database, clock: Clock, _settings: Settings) -> int:
    """Remind whoever accompanies a household that its grid is soon to be renewed, then that it is; once each.

    One e-mail a person, which says how many and nothing more. Returns how many left.
    """
    with database.session(write=True) as session:
        told = _rappeler(session, clock)
        session.commit()
    return told


def _rappeler(session: Session, clock: Clock) -> int:
    rows = fetch(
        session,
        select(GrilleAcces.id, GrilleAcces.a_renouveler_le, Menage.referent_id, Menage.departement_code)
        .join(Menage, Menage.id == GrilleAcces.menage_id)
        .where(
            _dernieres(clock.today() + HORIZON),
            ~exists().where(GrilleRappel.grille_id == GrilleAcces.id, GrilleRappel.etape == Rappel.ECHUE),
        )
        .order_by(GrilleAcces.a_renouveler_le, GrilleAcces.id)
        .limit(LOT),
    )
    if not rows:
        return 0
    codes = sorted({row.departement_code for row in rows})
    preavis = by_departement(session, codes, parametres.PREAVIS)
    dites = {
        (grille, etape)
        for grille, etape in session.execute(
            select(GrilleRappel.grille_id, GrilleRappel.etape)
            .where(GrilleRappel.grille_id.in_([row.id for row in rows]))
            .order_by(GrilleRappel.id)
        )
    }
    comptes: defaultdict[int, defaultdict[Rappel, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        etape = _etape(clock, row, preavis[row.departement_code][parametres.PREAVIS.key])
        if etape is not None and (row.id, etape) not in dites:
            session.add(GrilleRappel(grille_id=row.id, etape=etape, le=clock.now()))
            comptes[row.referent_id][etape] += 1
    session.flush()
    return _ecrire(session, clock, comptes)


def _etape(clock: Clock, row: AnyRow, preavis: int) -> Rappel | None:
    jour = clock.today(fuseau_de(row.departement_code))
    if row.a_renouveler_le <= jour:
        return Rappel.ECHUE
    return Rappel.AVANT if row.a_renouveler_le - timedelta(days=preavis) <= jour else None


def _ecrire(session: Session, clock: Clock, comptes: defaultdict[int, defaultdict[Rappel, int]]) -> int:
    personnes = session.scalars(
        select(Personne)
        .where(Personne.id.in_(comptes), Personne.desactivee_le.is_(None))
        .order_by(Personne.id)
    ).all()
    for personne in personnes:
        nombres = comptes[personne.id]
        context = {"echues": nombres[Rappel.ECHUE], "avant": nombres[Rappel.AVANT], "chemin": "/a-faire"}
        enqueue(session, clock, to=personne, template="grilles/renouvellement", context=context)
    return len(personnes)
