"""Decisions taken, without the screens of the session: shared by the tests of what follows it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.commissions.enums_dossiers import StatutDecision, StatutDossier, StatutPrescription
from portal.commissions.models_decisions import Decision, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.organisations.models import Organisation
from portal.security.coffre import coffre

MOTIF = "Le projet de logement est prêt et réaliste."
SECRETE = "La famille souhaite rester près de l’école Canari."


def decider(
    session: Session,
    dossier: Dossier,
    le: datetime,
    *,
    code: str = "ORIENTATION_VALIDEE",
    motif: str = MOTIF,
    expression: str = SECRETE,
    **champs: Any,
) -> Decision:
    """Return a decision of the dossier's session, taken and not told yet."""
    vault = coffre(session)
    made = Decision(
        **{
            "dossier": dossier,
            "seance_id": dossier.seance_id,
            "statut": StatutDecision.PRISE,
            "code": code,
            "motif": vault.fermer(motif),
            "expression": vault.fermer(expression),
            "prise_le": le,
            "prise_par": "Secrétaire Fictive",
            "created_at": le,
            "updated_at": le,
        }
        | champs
    )
    session.add(made)
    dossier.statut = StatutDossier.DECIDE
    session.flush()
    return made


def prescrire(
    session: Session,
    decision: Decision,
    porteur: Organisation | None,
    *,
    echeance: date | None = None,
    code: str = "AVDL",
    statut: StatutPrescription = StatutPrescription.A_FAIRE,
) -> Prescription:
    """Return a prescription of a decision."""
    assert decision.prise_le is not None
    made = Prescription(
        code=code,
        porteur_id=porteur.id if porteur else None,
        precision=coffre(session).fermer("Dix séances."),
        echeance=echeance,
        statut=statut,
        statut_le=decision.prise_le,
        statut_par="Secrétaire Fictive",
        created_at=decision.prise_le,
        updated_at=decision.prise_le,
    )
    decision.prescriptions.append(made)
    session.flush()
    return made
