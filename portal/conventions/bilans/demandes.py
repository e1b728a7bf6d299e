"""Asking for the bilans whose day has come: the worker opens them, À faire shows them, e-mails say so.

One bilan a period: asked for once, whatever the times the worker runs. A worker that was stopped asks for the
last period only. Nobody is written to about what was due before a département began (first run).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.audit.models import EtatTechnique
from portal.config import Settings
from portal.conventions import avis
from portal.conventions.bilans import parametres, regles
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.frequences import frequences
from portal.conventions.bilans.models import Bilan
from portal.conventions.enums import Statut
from portal.conventions.jours import fuseau_de
from portal.conventions.models import Convention
from portal.conventions.parametres import BILAN_MOIS
from portal.jobs.registry import housekeeping
from portal.organisations.models import Departement
from portal.organisations.parametres import values
from portal.shared.clock import Clock
from portal.shared.db import Database

DEPUIS = "conventions:bilans:"
"""Key of the day on which a département's bilans began to be asked for."""


@housekeeping("bilans", every=timedelta(hours=6))
def lancer(database: Database, clock: Clock, _settings: Settings) -> None:
    """Ask for the bilans that are due, one transaction a département, on its own day."""
    with database.session() as session:
        departements = session.execute(
            select(Departement.code, Departement.fuseau).order_by(Departement.code)
        ).all()
    for code, fuseau in departements:
        with database.session(write=True) as session:
            demander(session, clock, code, clock.today(fuseau))
            session.commit()


def demander(session: Session, clock: Clock, departement_code: str, jour: date) -> int:
    """Open the bilans of a département that are due on a day; return how many were."""
    depuis = _depuis(session, departement_code, jour)
    reglage = values(session, departement_code, parametres.FREQUENCE, parametres.DELAI, BILAN_MOIS)
    lignes = _en_vigueur(session, departement_code, jour)
    connus = _connus(session, lignes)
    rythmes = frequences(session, [ligne.id for ligne in lignes], reglage[parametres.FREQUENCE.key])
    ouverts = 0
    a_dire: list[tuple[Convention, regles.Demande]] = []
    for ligne in lignes:
        assert ligne.date_effet is not None
        assert ligne.fin_effective is not None
        voulue = regles.demande_du_jour(
            ligne.date_effet,
            ligne.fin_effective,
            jour,
            rythme=rythmes.de(ligne.id),
            mois=reglage[BILAN_MOIS.key],
            delai=reglage[parametres.DELAI.key],
        )
        siens = connus.get(ligne.id, {})
        _suivre_la_fin(session, ligne, siens.get(regles.FINAL), voulue)
        if voulue is None or voulue.rang in siens or _d_avant(ligne, voulue):
            continue
        session.add(ouvrir(clock, ligne, voulue))
        session.flush()
        ouverts += 1
        if voulue.demande_le >= depuis:
            a_dire.append((ligne, voulue))
    en_charge = avis.en_charge(session, clock, [ligne for ligne, _voulue in a_dire])
    for ligne, voulue in a_dire:
        final = voulue.rang == regles.FINAL
        avis.bilan(session, clock, ligne, en_charge[ligne.id], final=final, echeance=voulue.echeance)
    return ouverts


def _depuis(session: Session, departement_code: str, jour: date) -> date:
    cle = DEPUIS + departement_code
    connu = session.get(EtatTechnique, cle)
    if connu is None:
        session.add(EtatTechnique(cle=cle, valeur=jour.isoformat()))
        session.flush()
        return jour
    return date.fromisoformat(connu.valeur)


def _en_vigueur(session: Session, departement_code: str, jour: date) -> Sequence[Convention]:
    return session.scalars(
        select(Convention)
        .where(
            Convention.departement_code == departement_code,
            Convention.statut == Statut.SIGNEE,
            Convention.date_effet <= jour,
            Convention.fin_effective >= jour,
        )
        .options(joinedload(Convention.operateur), joinedload(Convention.siao))
        .order_by(Convention.id)
    ).all()


def _connus(session: Session, lignes: Sequence[Convention]) -> dict[int, dict[int, Bilan]]:
    trouves: dict[int, dict[int, Bilan]] = {}
    ids = [ligne.id for ligne in lignes]
    for bilan in session.scalars(select(Bilan).where(Bilan.convention_id.in_(ids))):
        trouves.setdefault(bilan.convention_id, {})[bilan.rang] = bilan
    return trouves


def _d_avant(ligne: Convention, voulue: regles.Demande) -> bool:
    """Tell whether a period was over before a CTP signed elsewhere entered the portal."""
    if not ligne.reprise or voulue.rang == regles.FINAL:
        return False
    entree = ligne.created_at.astimezone(ZoneInfo(fuseau_de(ligne.departement_code))).date()
    return voulue.demande_le < entree


def _suivre_la_fin(
    session: Session, ligne: Convention, bilan: Bilan | None, voulue: regles.Demande | None
) -> None:
    """Keep the final bilan in step with an end that moved: its period, or its very existence."""
    if bilan is None or bilan.statut is StatutBilan.RENDU:
        return
    if voulue is None or voulue.rang != regles.FINAL:
        if bilan.statut is StatutBilan.DEMANDE:  # nothing is written in it, and it is not due any more
            session.delete(bilan)
            session.flush()
        return
    if bilan.au != voulue.au:  # left as it is otherwise: a merger gives it a day of its own
        bilan.du, bilan.au, bilan.echeance = voulue.du, voulue.au, voulue.echeance


def ouvrir(clock: Clock, ligne: Convention, voulue: regles.Demande) -> Bilan:
    """Return a bilan that is asked for."""
    now = clock.now()
    return Bilan(
        convention_id=ligne.id,
        departement_code=ligne.departement_code,
        rang=voulue.rang,
        du=voulue.du,
        au=voulue.au,
        demande_le=voulue.demande_le,
        echeance=voulue.echeance,
        created_at=now,
        updated_at=now,
    )
