"""What becomes of prescriptions: one dated status each, and a reminder to whoever bears it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.enums_dossiers import StatutPrescription
from portal.commissions.models_decisions import Decision, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.commissions.suites_seance import gens, queries, regles
from portal.commissions.suites_seance.parametres import RAPPEL_AVANT_JOURS, RAPPEL_ENTRE_JOURS
from portal.commissions.suites_seance.policies import tient_le_secretariat
from portal.conventions.jours import fuseau_de, selon_le_departement
from portal.organisations import parametres
from portal.organisations.natures import fuseaux
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import PARIS, Clock
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


def a_rappeler(session: Session, clock: Clock, apres: int = 0) -> list[int]:
    """Return the keys of some prescriptions, in order after one, whose bearer is to be reminded today, where
    the dossier is. Three statements."""
    return list(
        session.scalars(
            select(Prescription.id)
            .join(Decision, Decision.id == Prescription.decision_id)
            .join(Dossier, Dossier.id == Decision.dossier_id)
            .where(
                Prescription.id > apres,
                Decision.notifiee_le.is_not(None),
                Decision.statut.in_(queries.PRISES),
                Prescription.statut == StatutPrescription.A_FAIRE,
                Prescription.porteur_id.is_not(None),
                _dues(session, clock),
            )
            .order_by(Prescription.id)
            .limit(LOT)
        )
    )


def _dues(session: Session, clock: Clock) -> ColumnElement[bool]:
    """Return `regles.a_rappeler` as a condition, each row under the delays and the day of its département."""
    avant, avants = parametres.everywhere(session, RAPPEL_AVANT_JOURS)
    entre, entres = parametres.everywhere(session, RAPPEL_ENTRE_JOURS)
    lointains = [code for code, fuseau in fuseaux().items() if fuseau != PARIS]

    def due(delais: tuple[str, int, int]) -> ColumnElement[bool]:
        fuseau, avant, entre = delais
        jour = clock.today(fuseau)
        depuis = datetime.combine(jour - timedelta(days=entre - 1), time(), ZoneInfo(fuseau))
        return and_(
            Prescription.echeance <= jour + timedelta(days=avant),
            or_(Prescription.rappele_le.is_(None), Prescription.rappele_le < depuis),
        )

    return selon_le_departement(
        Dossier.departement_code,
        (PARIS, avant, entre),
        {
            code: (fuseau_de(code), avants.get(code, avant), entres.get(code, entre))
            for code in sorted({*avants, *entres, *lointains})
        },
        due,
    )


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
    fuseau = fuseau_de(ou)
    if not regles.a_rappeler(
        held.echeance,
        held.rappele_le.astimezone(ZoneInfo(fuseau)).date() if held.rappele_le else None,
        clock.today(fuseau),
        avant=delais[RAPPEL_AVANT_JOURS.key],
        entre=delais[RAPPEL_ENTRE_JOURS.key],
    ):
        return 0
    held.rappele_le = clock.now()
    context = {
        "dossier": decision.dossier.code,
        "commission": decision.seance.commission.nom,
        "echeance": held.echeance,
        "retard": held.echeance < clock.today(fuseau),
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
