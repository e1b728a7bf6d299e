"""Opening a session, putting a dossier on the table, closing it. Services flush, never commit."""

from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions import direct
from portal.commissions.conduite import reports
from portal.commissions.conduite.regles import peut_ouvrir
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import REPORTE, StatutDecision, StatutDossier
from portal.commissions.models_decisions import ConduiteSeance, Decision
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.saisie import texte
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion

POINTS = 20_000
VERSIONS = 10**9
"""What a form carries of a version is shorter than this."""

EXAMINABLES = frozenset(
    {
        StatutDossier.INSCRIT,
        StatutDossier.EN_SEANCE,
        StatutDossier.DECIDE,
        StatutDossier.NOTIFIE,  # decided in writing, told at once, to be confirmed
        StatutDossier.RECOURS,
    }
)
PRISES = frozenset({StatutDecision.PRISE, StatutDecision.CONFIRMEE})


def ouvrir(session: Session, clock: Clock, actor: Actor, seance: Seance) -> ConduiteSeance:
    """Open a session: its agenda is what is inscribed now. Twice is as once.

    Raises Forbidden, DomainError.
    """
    require(actor, Permission.DOSSIERS_DECIDER, seance.commission)
    if seance.statut is not StatutSeance.CONVOQUEE:
        raise DomainError("etat.transition_impossible", etat=seance.statut)
    conduite = direct.tenir(session, seance.id)
    if conduite.close_le is not None:
        raise DomainError("conduite.close")
    if conduite.ouverte_le is not None:
        return conduite
    if not peut_ouvrir(clock.now(), seance.debut):
        raise DomainError("conduite.trop_tot")
    conduite.ouverte_le = clock.now()
    inscrits = session.scalars(
        select(Dossier).where(Dossier.seance_id == seance.id).order_by(Dossier.rang, Dossier.id)
    ).all()
    for dossier in inscrits:
        reports.passage(session, clock, dossier, seance.id).rang = dossier.rang or 1
    if conduite.fige_le is None:
        conduite.fige_le, conduite.papiers = clock.now(), [one.ref for one in inscrits]
    direct.avancer(session, seance.id, direct.ETAT)
    record(session, clock, actor, "commissions:seance:ouvrir", seance, changes={"dossiers": len(inscrits)})
    return conduite


def tenir_ouverte(session: Session, actor: Actor, seance: Seance) -> ConduiteSeance:
    """Return the course of an open session, held, for who conducts it. Raises Forbidden, DomainError."""
    require(actor, Permission.DOSSIERS_DECIDER, seance.commission)
    conduite = direct.tenir(session, seance.id)
    if conduite.close_le is not None:
        raise DomainError("conduite.close")
    if conduite.ouverte_le is None:
        raise DomainError("conduite.pas_ouverte")
    return conduite


def examiner(session: Session, clock: Clock, actor: Actor, seance: Seance, dossier: Dossier | None) -> None:
    """Put a dossier of the session on the table, or nothing (a break). Raises Forbidden, DomainError."""
    conduite = tenir_ouverte(session, actor, seance)
    if conduite.dossier_id == (dossier.id if dossier else None):
        return
    parts = [direct.ligne(conduite.dossier_id)] if conduite.dossier_id else []
    if dossier is not None:
        if dossier.seance_id != seance.id or dossier.statut not in EXAMINABLES:
            raise DomainError("conduite.hors_seance")
        if dossier.statut is StatutDossier.INSCRIT:
            dossier.statut = StatutDossier.EN_SEANCE
            dossier.updated_at = clock.now()
            reports.passage(session, clock, dossier, seance.id)
        parts.append(direct.ligne(dossier.id))
        record(session, clock, actor, "commissions:dossier:examiner", dossier, changes={"seance": seance.ref})
    conduite.dossier_id = dossier.id if dossier else None
    direct.avancer(session, seance.id, direct.TABLE, direct.DECISION, *parts)


def noter_points(
    session: Session, clock: Clock, actor: Actor, seance: Seance, points: str, *, version: int
) -> None:
    """Write the general points of the minutes. `version`: `version_des_points` of those that were read.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    conduite = tenir_ouverte(session, actor, seance)
    if version_des_points(conduite) != version:
        raise StaleVersion(conduite)
    refusals = Refusals()
    cleaned = texte(refusals, points, "points", POINTS, lignes=True)
    refusals.raise_any()
    conduite.points = coffre(session).fermer(cleaned) if cleaned else ""
    session.flush()
    record(session, clock, actor, "commissions:seance:points", seance, changes={"points": True})


def points(session: Session, conduite: ConduiteSeance | None) -> str:
    """Return the general points of the minutes."""
    lus: str = coffre(session).ouvrir(conduite.points) if conduite and conduite.points else ""
    return lus


def version_des_points(conduite: ConduiteSeance | None) -> int:
    """Return the version of the general points alone, 0 without any: that of the session's course changes
    with every screen."""
    return crc32(conduite.points.encode()) % VERSIONS if conduite and conduite.points else 0


def clore(session: Session, clock: Clock, actor: Actor, seance: Seance) -> int:
    """Close a session: its decisions stand, and what was not settled comes back to the next one that has
    room, with what was being worded of it. Return how many dossiers do. The worker tells what stands.

    Raises Forbidden, DomainError while a decision taken in writing awaits confirmation.
    """
    conduite = tenir_ouverte(session, actor, seance)
    decisions = list(
        session.scalars(select(Decision).where(Decision.seance_id == seance.id).order_by(Decision.id))
    )
    attendent = [one.dossier.code for one in decisions if one.statut is StatutDecision.A_CONFIRMER]
    if attendent:
        raise DomainError("conduite.a_confirmer", codes=attendent)
    restent = session.scalars(
        select(Dossier)
        .where(
            Dossier.seance_id == seance.id,
            Dossier.statut.in_((StatutDossier.INSCRIT, StatutDossier.EN_SEANCE)),
        )
        .order_by(Dossier.rang, Dossier.id)
    ).all()
    venus = []
    places = reports.places(session, clock, seance.commission_id, seance.debut)
    for dossier in restent:
        reports.passage(session, clock, dossier, seance.id).issue = REPORTE
        suivante = reports.reinscrire(session, clock, dossier, places)
        venus.append((dossier, suivante))
        for one in decisions:
            if one.dossier_id == dossier.id and one.statut is StatutDecision.REDIGEE:
                _reporter(session, one, None if one.ecrite else suivante)
    reports.annoncer(session, clock, seance, venus, reports.CLOSE)
    conduite.close_le, conduite.dossier_id = clock.now(), None
    direct.avancer(session, seance.id, direct.ETAT, direct.TABLE, direct.DECISION)
    facts = {"decides": sum(one.statut in PRISES for one in decisions), "reportes": len(restent)}
    record(session, clock, actor, "commissions:seance:clore", seance, changes=facts)
    return len(restent)


def _reporter(session: Session, redigee: Decision, suivante: Seance | None) -> None:
    """Have what was being worded follow its dossier to the session it comes back to. Without one, and for a
    consultation that came to nothing, it is forgotten: nobody may take it any more."""
    if suivante is None:
        session.delete(redigee)
    else:
        redigee.seance, redigee.votes = suivante, ""
    session.flush()
