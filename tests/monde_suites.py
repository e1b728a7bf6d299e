"""What followed a session, as the walk visits it: a decision told, its prescription, an appeal, minutes being
read with a remark. Written row by row; every text begins with `mot`, encrypted."""

from typing import Any

from sqlalchemy.orm import Session

from portal.commissions.enums_dossiers import StatutDecision, StatutPrescription, StatutReleve
from portal.commissions.models_decisions import (
    CommentaireReleve,
    Decision,
    Prescription,
    Recours,
    ReleveSeance,
)
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from tests.factories import INSTANT


def meubler_une_suite(
    session: Session, dossier: Dossier, seance: Seance, porteur: Organisation, mot: str
) -> dict[str, Any]:
    """Return what was made, by the name of its reference in addresses."""
    vault, dates = coffre(session), {"created_at": INSTANT, "updated_at": INSTANT}
    decision = Decision(
        dossier=dossier,
        seance=seance,
        statut=StatutDecision.PRISE,
        code="NON_ADMIS",
        motif=vault.fermer(f"{mot}motif"),
        conditions=vault.fermer(f"{mot}conditions"),
        expression=vault.fermer(f"{mot}expression"),
        votes=vault.fermer({"voix": {f"{mot}vote": "pour"}, "consensus": False}),
        prise_le=INSTANT,
        prise_par="Personne",
        notifiee_le=INSTANT,
        **dates,
    )
    prescription = Prescription(
        code="AVDL",
        porteur_id=porteur.id,
        precision=vault.fermer(f"{mot}prescription"),
        echeance=INSTANT.date(),
        statut=StatutPrescription.A_FAIRE,
        statut_le=INSTANT,
        statut_par="Personne",
        **dates,
    )
    decision.prescriptions = [prescription]
    recours = Recours(
        decision=decision,
        forme_le=INSTANT,
        forme_par="Personne",
        motif=vault.fermer(f"{mot}recours"),
        elements=vault.fermer(f"{mot}elements"),
        **dates,
    )
    lu = {
        "code": dossier.code,
        "decision": "NON_ADMIS",
        "ecrite": False,
        "protege": False,
        "prescriptions": [],
        "prescripteur": "",
        "motif": f"{mot}releve",
        "conditions": "",
        "expression": "",
    }
    releve = ReleveSeance(
        seance_id=seance.id,
        statut=StatutReleve.RELECTURE,
        contenu=vault.fermer({"presents": [], "dossiers": [lu], "points": f"{mot}points"}),
        relire_avant=INSTANT.date(),
        **dates,
    )
    remarque = CommentaireReleve(
        organisation_id=porteur.id, par="Personne", le=INSTANT, texte=vault.fermer(f"{mot}remarque")
    )
    releve.commentaires = [remarque]
    session.add_all([decision, recours, releve])
    session.flush()
    return {
        "decision": decision,
        "prescription": prescription,
        "recours": recours,
        "remarque": remarque,
    }
