"""What becomes of prescriptions: one dated status each, and a reminder to whoever bears it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.enums_dossiers import StatutPrescription
from portal.commissions.models_decisions import Decision, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance import gens, queries, regles
from portal.commissions.suites_seance.parametres import RAPPEL_AVANT_JOURS, RAPPEL_ENTRE_JOURS
from portal.commissions.suites_seance.policies import tient_le_secretariat
from portal.conventions.jours import fuseau_de
from portal.organisations import parametres
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import fetch
from portal.shared.errors import DomainError, StaleVersion

LOT = 500


def possibles(prescription: Prescription, decision: Decision, actor: Actor) -> tuple[StatutPrescription, ...]:
    """Return what the actor may note of a prescription."""
    secretariat = tient_le_secretariat(actor, queries.suivie(prescription, decision))
    return regles.suites(prescription.statut, secretariat=secretariat)


def noter(
    session: Session,
    clock: Clock,
    actor: Actor,
    prescription: Prescription,
    statut: StatutPrescription,
    *,
    version: int,
) -> None:
    """Note what became of a prescription. Raises Forbidden, StaleVersion, DomainError."""
    decision = queries.decision_de(session, prescription.decision_id)
    require(actor, Permission.PRESCRIPTIONS_SUIVRE, queries.suivie(prescription, decision))
    held = session.get(Prescription, prescription.id, with_for_update=True, populate_existing=True)
    if held is None or held.version != version:
        raise StaleVersion(held)
    if statut not in possibles(held, decision, actor):
        raise DomainError("suites.statut", "statut")
    before, held.statut = held.statut, statut
    held.statut_le = held.updated_at = clock.now()
    held.statut_par = f"{actor.nom} ({actor.organisation_nom})"[:200]
    held.rappele_le = None
    session.flush()
    record(
        session,
        clock,
        actor,
        "commissions:prescription:noter",
        held,
        changes={"statut": [before.value, statut.value]},
        departement_code=decision.dossier.departement_code,
    )


def a_rappeler(session: Session, clock: Clock) -> list[int]:
    """Return the keys of the prescriptions whose bearer is to be reminded today, where the dossier is, the
    oldest due first."""
    rows = fetch(
        session,
        select(Prescription.id, Prescription.echeance, Prescription.rappele_le, Dossier.departement_code)
        .join(Decision, Decision.id == Prescription.decision_id)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .where(
            Decision.notifiee_le.is_not(None),
            Decision.statut.in_(queries.PRISES),
            Prescription.statut == StatutPrescription.A_FAIRE,
            Prescription.porteur_id.is_not(None),
            Prescription.echeance <= clock.today() + timedelta(days=RAPPEL_AVANT_JOURS.bounds[1] + 1),
        )
        .order_by(Prescription.echeance, Prescription.id),
    )
    if not rows:
        return []
    delais = parametres.by_departement(
        session, sorted({row.departement_code for row in rows}), RAPPEL_AVANT_JOURS, RAPPEL_ENTRE_JOURS
    )
    return [
        row.id
        for row in rows
        if _du(clock, row.echeance, row.rappele_le, row.departement_code, delais[row.departement_code])
    ][:LOT]


def rappeler(session: Session, clock: Clock, prescription_id: int) -> int:
    """Remind the bearer of a prescription, in the caller's transaction; return how many were written to."""
    held = session.scalar(
        select(Prescription)
        .where(Prescription.id == prescription_id, Prescription.statut == StatutPrescription.A_FAIRE)
        .with_for_update()
    )
    if held is None or held.porteur_id is None or held.echeance is None:
        return 0
    decision = queries.decision_de(session, held.decision_id)
    ou = decision.dossier.departement_code
    delais = parametres.values(session, ou, RAPPEL_AVANT_JOURS, RAPPEL_ENTRE_JOURS)
    if not _du(clock, held.echeance, held.rappele_le, ou, delais):
        return 0
    held.rappele_le = clock.now()
    context = {
        "dossier": decision.dossier.code,
        "commission": decision.seance.commission.nom,
        "echeance": held.echeance,
        "retard": held.echeance < clock.today(fuseau_de(ou)),
        "prescription": held.ref,
    }
    told = gens.ecrire(
        session,
        clock,
        gens.de_l_organisation(session, held.porteur_id, decision.seance_id),
        "rappel",
        context,
    )
    session.flush()
    record(
        session,
        clock,
        None,
        "commissions:prescription:rappeler",
        held,
        changes={"ecrites": told},
        departement_code=ou,
    )
    return told


def _du(
    clock: Clock,
    echeance: date,
    rappelee: datetime | None,
    departement_code: str,
    delais: Mapping[str, int],
) -> bool:
    fuseau = fuseau_de(departement_code)
    last = rappelee.astimezone(ZoneInfo(fuseau)).date() if rappelee else None
    avant, entre = delais[RAPPEL_AVANT_JOURS.key], delais[RAPPEL_ENTRE_JOURS.key]
    return regles.a_rappeler(echeance, last, clock.today(fuseau), avant=avant, entre=entre)
