"""Telling decisions: to the prescriber the same day, to those who bear a prescription (domaine.md § 7.4).

Being told, and the e-mails, are one transaction: whatever dies in between, each is told once.
"""

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.enums_dossiers import StatutDecision, StatutDossier, StatutPrescription
from portal.commissions.models_decisions import ConduiteSeance, Decision
from portal.commissions.models_seances import Seance
from portal.commissions.suites_seance import gens
from portal.commissions.suites_seance.queries import PRISES, decision_de
from portal.conventions.jours import fuseau_de
from portal.shared.clock import Clock

LOT = 500


def a_notifier(session: Session, clock: Clock, apres: int = 0) -> list[int]:
    """Return the keys of some decisions to be told, in order after one: taken, once their session is closed
    or over, those taken in writing at once."""
    close = exists().where(
        ConduiteSeance.seance_id == Decision.seance_id, ConduiteSeance.close_le.is_not(None)
    )
    return list(
        session.scalars(
            select(Decision.id)
            .join(Seance, Seance.id == Decision.seance_id)
            .where(
                Decision.id > apres,
                Decision.statut.in_(PRISES),
                Decision.notifiee_le.is_(None),
                or_(Decision.ecrite, close, and_(Seance.fin <= clock.now(), Decision.prise_le.is_not(None))),
            )
            .order_by(Decision.id)
            .limit(LOT)
        )
    )


def notifier(session: Session, clock: Clock, decision_id: int) -> bool:
    """Tell a decision, in the caller's transaction; False when it is told already, or stands no more."""
    held = session.scalar(
        select(Decision)
        .where(Decision.id == decision_id, Decision.notifiee_le.is_(None), Decision.statut.in_(PRISES))
        .with_for_update()
    )
    if held is None:
        return False
    decision = decision_de(session, decision_id)
    dossier, commission = decision.dossier, decision.seance.commission
    decision.notifiee_le = decision.updated_at = clock.now()
    if dossier.statut is StatutDossier.DECIDE:
        dossier.statut, dossier.updated_at = StatutDossier.NOTIFIE, clock.now()
    context = {
        "dossier": dossier.code,
        "commission": commission.nom,
        "decision": decision.ref,
        "a_confirmer": decision.seance.debut if decision.statut is StatutDecision.A_CONFIRMER else None,
        "fuseau": fuseau_de(dossier.departement_code),
    }
    told = gens.ecrire(session, clock, gens.prescripteur(session, dossier.menage), "decision", context)
    for porteur_id in dict.fromkeys(
        one.porteur_id
        for one in decision.prescriptions
        if one.porteur_id is not None and one.statut is StatutPrescription.A_FAIRE
    ):
        bearers = gens.de_l_organisation(session, porteur_id, decision.seance_id)
        gens.ecrire(session, clock, bearers, "prescription", context)
    session.flush()
    record(
        session,
        clock,
        None,
        "commissions:decision:notifier",
        decision,
        changes={"ecrites": told},
        departement_code=dossier.departement_code,
    )
    return True
