"""What becomes of the dossiers of a session that is cancelled or moved: none stays on an agenda that nobody
will open, and whoever presents one, or was invited for one, is told (domaine.md § 7.4)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from portal.audit.service import Fact, record_many
from portal.commissions.conduite import reports
from portal.commissions.convocations import rendez_vous
from portal.commissions.crochets import on_seance_annulee, on_seance_deplacee, on_seance_prevue
from portal.commissions.dossiers.avertir import de_la_seance, ecrire
from portal.commissions.dossiers.ordre import conduite_de, placer
from portal.commissions.dossiers.queries import retiree
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import REPORTE, StatutDecision, StatutDossier
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis, InviteSeance
from portal.commissions.models_seances import Seance
from portal.notifications.calendrier import Methode
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError


@on_seance_annulee
def reporter(session: Session, clock: Clock, actor: Actor, seance: Seance) -> None:
    """Have the dossiers of a cancelled session join the next one, or wait for it, with the opinions given: it
    did not examine them, so that none counts as postponed. A consultation in writing under way ends there.

    Raises DomainError while a decision taken in writing would have no session to confirm it.
    """
    places = reports.places(session, clock, seance.commission_id, seance.debut)
    _par_ecrit(session, clock, seance, places)
    venus: list[tuple[Dossier, Seance | None]] = []
    for dossier in _inscrits(session, seance):
        reports.passage(session, clock, dossier, seance.id).issue = REPORTE
        venus.append((dossier, reports.reinscrire(session, clock, dossier, places)))
    for nouvelle in dict.fromkeys(ou for _dossier, ou in venus if ou is not None):
        la = [one.id for one, ou in venus if ou is nouvelle]
        _suivre(session, nouvelle, la, DossierAvis.seance_id == seance.id)
    reports.annoncer(session, clock, seance, venus, reports.ANNULEE)
    conduite = conduite_de(session, seance.id)
    conduite.papiers = []
    conduite.etat += 1
    session.flush()
    _prevenir_les_invites(session, clock, seance)
    facts = [
        Fact("dossier", one.id, one.ref, one.departement_code, {"seance": [seance.ref, ou and ou.ref]})
        for one, ou in venus
    ]
    record_many(session, clock, actor, "dossiers:dossier:reporter", facts)


@on_seance_prevue
def rendre_les_avis(session: Session, _clock: Clock, seance: Seance) -> None:
    """Give back to the dossiers that waited for a session, and joined it, the opinions given for one that was
    cancelled."""
    venus = session.scalars(
        select(Dossier.id).where(Dossier.seance_id == seance.id).order_by(Dossier.id)
    ).all()
    annulees = select(Seance.id).where(
        Seance.commission_id == seance.commission_id, Seance.statut == StatutSeance.ANNULEE
    )
    if venus:
        _suivre(session, seance, venus, DossierAvis.seance_id.in_(annulees))


@on_seance_deplacee
def prevenir(session: Session, clock: Clock, seance: Seance, champs: frozenset[str]) -> None:
    """Tell the guests of a session held at another time or place and, of another time, who prescribed a
    dossier examined there; of another place, those who come to present theirs."""
    if "debut" in champs:
        venus = [(one, seance) for one in _inscrits(session, seance)]
        reports.annoncer(session, clock, seance, venus, reports.DEPLACEE)
        conduite_de(session, seance.id).avis_relances_le = None
        session.flush()
    elif champs & {"lieu", "visio"}:
        reports.annoncer_le_lieu(session, clock, seance, _inscrits(session, seance))
    _prevenir_les_invites(session, clock, seance)


def _inscrits(session: Session, seance: Seance) -> Sequence[Dossier]:
    return session.scalars(
        select(Dossier)
        .where(Dossier.seance_id == seance.id, Dossier.statut == StatutDossier.INSCRIT)
        .options(joinedload(Dossier.commission), joinedload(Dossier.menage))
        .order_by(Dossier.rang, Dossier.id)
        .with_for_update(of=Dossier)
    ).all()


def _par_ecrit(session: Session, clock: Clock, seance: Seance, places: reports.Places) -> None:
    """Have the decisions taken in writing follow their dossiers to the session that will confirm them; forget
    the consultations that were not decided. Raises DomainError when no session is planned."""
    decisions = session.scalars(
        select(Decision)
        .where(Decision.seance_id == seance.id, Decision.ecrite.is_(True))
        .options(joinedload(Decision.dossier))
        .order_by(Decision.id)
        .with_for_update(of=Decision)
    ).all()
    for decision in decisions:
        if decision.statut is StatutDecision.REDIGEE:
            session.delete(decision)
    prises = [one for one in decisions if one.statut is StatutDecision.A_CONFIRMER]
    if not prises:
        return
    suivante = next(iter(places.seances), None)
    if suivante is None:
        raise DomainError("commissions.decision_ecrite", codes=", ".join(one.dossier.code for one in prises))
    for decision in prises:
        dossier, passage = decision.dossier, reports.passage_de(session, decision.dossier_id, seance.id)
        issue = passage.issue if passage else decision.code
        if passage is not None:
            session.delete(passage)
        placer(session, clock, dossier, suivante)
        places.inscrits[suivante.id] += 1
        reports.passage(session, clock, dossier, suivante.id).issue = issue
        decision.seance, decision.updated_at = suivante, clock.now()
    _suivre(session, suivante, [one.dossier_id for one in prises], DossierAvis.seance_id == seance.id)


def _suivre(
    session: Session, suivante: Seance, dossier_ids: Sequence[int], des_seances: ColumnElement[bool]
) -> None:
    """Have the latest opinions given for some sessions follow their dossiers to another, unless given there
    already, or by an organisation that withdrew from the dossier since."""
    autre = aliased(DossierAvis, name="autre")
    depasse = exists().where(
        autre.dossier_id == DossierAvis.dossier_id,
        autre.organisation_id == DossierAvis.organisation_id,
        or_(autre.seance_id == suivante.id, autre.id > DossierAvis.id),
    )
    session.flush()
    session.execute(
        update(DossierAvis)
        .where(des_seances, DossierAvis.dossier_id.in_(dossier_ids), ~depasse, ~retiree())
        .values(seance_id=suivante.id)
        .execution_options(synchronize_session=False)
    )


def _prevenir_les_invites(session: Session, clock: Clock, seance: Seance) -> None:
    """Write to the guests of a session; their calendars follow."""
    emails = session.scalars(
        select(InviteSeance.email)
        .where(InviteSeance.seance_id == seance.id, InviteSeance.revoque_le.is_(None))
        .order_by(InviteSeance.id)
    ).all()
    annulee = seance.statut is StatutSeance.ANNULEE
    dit = de_la_seance(seance) | {
        "annulee": annulee,
        "motif": seance.motif_annulation,
        "fin": seance.fin,
        "lieu": seance.lieu,
        "visio": seance.visio,
    }
    event = rendez_vous(seance, Methode.CANCEL if annulee else Methode.REQUEST, avec_page=False)
    ecrire(session, clock, emails, "invitation_changee", dit, urgent=True, rendez_vous=event)
