"""Wording a decision, taking it, taking it back, confirming one taken in writing.

Who is late gets StaleVersion and loses nothing; the course of the session is held by each act, so that two
secretaries never write at once. Services flush, never commit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.commissions import direct
from portal.commissions.conduite import reports
from portal.commissions.conduite.exigences import completer, proposees, refuser_les_voix, totaux, verifier
from portal.commissions.conduite.regles import AJOURNE
from portal.commissions.conduite.saisie import PRECISION, TEXTE, SaisieDecision, SaisiePrescription
from portal.commissions.conduite.seance import tenir_ouverte
from portal.commissions.conduite.votes import Decompte, Vote
from portal.commissions.enums import RegleDecision
from portal.commissions.enums_dossiers import StatutDecision, StatutDossier, StatutPrescription
from portal.commissions.models_decisions import Decision, Prescription
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.queries_seances import CONVIES
from portal.commissions.saisie import texte
from portal.grilles.transmissions.nomenclatures import interdits
from portal.organisations.models import Organisation
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.coffre import Coffre, coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

NOUVELLE = 0
"""The version that a form carries when nothing was written yet."""


def decision_de(
    session: Session, dossier_id: int, seance_id: int, *, ecrite: bool = False
) -> Decision | None:
    """Return what a session decides of a dossier, None while nothing is written."""
    return session.scalar(
        select(Decision).where(
            Decision.dossier_id == dossier_id, Decision.seance_id == seance_id, Decision.ecrite.is_(ecrite)
        )
    )


def rediger(
    session: Session,
    clock: Clock,
    actor: Actor,
    seance: Seance,
    dossier: Dossier,
    typed: SaisieDecision,
    *,
    version: int,
) -> Decision:
    """Keep a decision as it is being worded; every screen shows it.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    tenir_ouverte(session, actor, seance)
    decision = _tenir(session, clock, seance, dossier, version)
    _ecrire(session, clock, decision, seance, typed)
    direct.avancer(session, seance.id, direct.DECISION, direct.ligne(dossier.id))
    return decision


def prendre(
    session: Session,
    clock: Clock,
    actor: Actor,
    seance: Seance,
    dossier: Dossier,
    typed: SaisieDecision,
    *,
    version: int,
) -> Decision:
    """Take a decision. Postponed, the dossier joins the next session at once.

    Raises Forbidden, StaleVersion, DomainErrors with every refusal, DomainError.
    """
    tenir_ouverte(session, actor, seance)
    decision = _tenir(session, clock, seance, dossier, version)
    _ecrire(session, clock, decision, seance, typed)
    decompte = verifier(session, clock, seance, dossier, typed)
    _prendre(session, clock, actor, decision, StatutDecision.PRISE, typed, decompte)
    direct.avancer(session, seance.id, direct.DECISION, direct.ligne(dossier.id))
    return decision


def reprendre(session: Session, clock: Clock, actor: Actor, decision: Decision, *, version: int) -> Decision:
    """Take a decision back while its session is open: it is being worded again, and told anew once taken,
    if a session that outlasted its hour had it told already.

    Raises Forbidden, StaleVersion, DomainError.
    """
    seance, dossier = decision.seance, decision.dossier
    tenir_ouverte(session, actor, seance)
    decision = relire(session, decision, version)
    if decision.statut is not StatutDecision.PRISE:
        raise DomainError("etat.transition_impossible", etat=decision.statut)
    if dossier.statut is StatutDossier.RECOURS:
        raise DomainError("etat.transition_impossible", etat=dossier.statut)
    if decision.code == AJOURNE:
        dossier.ajournements -= 1
    decision.statut, decision.prise_le, decision.prise_par = StatutDecision.REDIGEE, None, ""
    decision.notifiee_le = None
    passage = reports.passage(session, clock, dossier, seance.id)
    if dossier.seance_id == seance.id:
        dossier.statut = StatutDossier.EN_SEANCE
    else:
        reports.replacer(session, dossier, seance.id, passage.rang)
    passage.issue = ""
    decision.updated_at = dossier.updated_at = clock.now()
    direct.avancer(session, seance.id, direct.DECISION, direct.ligne(dossier.id))
    record(session, clock, actor, "commissions:decision:reprendre", decision, changes={"code": decision.code})
    return decision


def noter_motif_interdit(
    session: Session, clock: Clock, actor: Actor, dossier_ref: str, seance_id: int, interdit: str
) -> None:
    """Write in the journal that a ground that nobody may give was given: which, never in what words.

    In a transaction of its own, after the refusal was rolled back. Raises NotVisible.
    """
    dossier = session.scalar(
        select(Dossier).where(Dossier.ref == dossier_ref, Dossier.seance_id == seance_id)
    )
    if dossier is None:
        raise NotVisible(dossier_ref)
    code = interdit if interdit in interdits() else ""
    record(session, clock, actor, "commissions:decision:motif_refuse", dossier, changes={"motif": code})


def ecrire_par_ecrit(
    session: Session,
    clock: Clock,
    actor: Actor,
    decision: Decision,
    typed: SaisieDecision,
    *,
    version: int,
) -> Decision:
    """Take a decision in writing, by urgency: it stands at once, and the session confirms it.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError once the session is open: it decides.
    """
    require(actor, Permission.DOSSIERS_DECIDER, decision.seance.commission)
    conduite = direct.tenir(session, decision.seance_id)
    if conduite.ouverte_le is not None or decision.dossier.seance_id != decision.seance_id:
        raise DomainError("conduite.consultation")
    decision = relire(session, decision, version)
    if decision.statut is not StatutDecision.REDIGEE:
        raise DomainError("conduite.decide")
    _ecrire(session, clock, decision, decision.seance, typed)
    refusals = Refusals()
    completer(session, clock, decision.seance, typed, refusals)
    if typed.code == AJOURNE:
        refusals.add("conduite.code", "code")
    refusals.raise_any()
    _prendre(session, clock, actor, decision, StatutDecision.A_CONFIRMER, typed, None)
    direct.avancer(session, decision.seance_id, direct.DECISION, direct.ligne(decision.dossier_id))
    return decision


def _tenir(session: Session, clock: Clock, seance: Seance, dossier: Dossier, version: int) -> Decision:
    """Return the decision to write, at the version that the writer read, for a session held. Raises
    StaleVersion, DomainError."""
    # while the session was waited for, a withdrawal may have been declared, or attendance noted
    session.expire(dossier, ["deports"])
    session.scalar(
        select(Seance)
        .where(Seance.id == seance.id)
        .options(joinedload(Seance.commission), CONVIES)
        .execution_options(populate_existing=True)
    )
    decision = decision_de(session, dossier.id, seance.id)
    if decision is None:
        if dossier.seance_id != seance.id:
            raise DomainError("conduite.hors_seance")
        if dossier.statut not in (StatutDossier.INSCRIT, StatutDossier.EN_SEANCE):
            raise DomainError("conduite.decide")
        if version != NOUVELLE:
            raise StaleVersion(None)
        now = clock.now()
        decision = Decision(
            dossier=dossier,
            seance=seance,
            statut=StatutDecision.REDIGEE,
            created_at=now,
            updated_at=now,
        )
        session.add(decision)
        session.flush()
        return decision
    session.refresh(decision)
    if decision.version != version:
        raise StaleVersion(decision)
    if decision.statut is not StatutDecision.REDIGEE:
        raise DomainError("conduite.decide")
    return decision


def relire(session: Session, decision: Decision, version: int) -> Decision:
    """Return a decision held, as it now is, at the version that was read. Raises StaleVersion."""
    current = session.get(Decision, decision.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    return current


def _ecrire(
    session: Session, clock: Clock, decision: Decision, seance: Seance, typed: SaisieDecision
) -> None:
    """Write what was typed, whatever it lacks. Raises DomainErrors for what cannot be kept."""
    refusals = Refusals()
    vault = coffre(session)
    for champ in ("motif", "conditions", "expression"):
        cleaned = texte(refusals, getattr(typed, champ), champ, TEXTE, lignes=True)
        setattr(decision, champ, vault.fermer(cleaned) if cleaned else "")
    if typed.code and typed.code not in proposees(seance):
        refusals.add("conduite.code", "code")
    refuser_les_voix(decision, typed, refusals)
    connues = seance.commission.prescriptions
    for one in typed.prescriptions:
        if one.code not in connues:
            refusals.add("conduite.prescription", f"p_{one.code}")
        texte(refusals, one.precision, f"precision_{one.code}", PRECISION)
    refusals.raise_any()
    decision.code = typed.code
    voix = {cle: vote.value for cle, vote in typed.voix.items()}
    contenu = {"voix": voix, "consensus": typed.consensus}
    decision.votes = vault.fermer(contenu) if voix or typed.consensus else ""
    _prescrire(session, clock, vault, decision, typed.prescriptions)
    decision.updated_at = clock.now()
    session.flush()


def _prescrire(
    session: Session,
    clock: Clock,
    vault: Coffre,
    decision: Decision,
    typed: Sequence[SaisiePrescription],
) -> None:
    """Bring the prescriptions of a decision to what was typed; those kept keep their reference."""
    porteurs = _porteurs(session, {one.porteur_ref for one in typed if one.porteur_ref})
    voulues = {one.code: one for one in typed}
    connues = {row.code: row for row in decision.prescriptions}
    for code in connues.keys() - voulues.keys():
        decision.prescriptions.remove(connues[code])
    now = clock.now()
    for code, one in voulues.items():
        row = connues.get(code) or Prescription(
            code=code,
            statut=StatutPrescription.A_FAIRE,
            statut_le=now,
            statut_par="",
            created_at=now,
            updated_at=now,
        )
        if code not in connues:
            decision.prescriptions.append(row)
        row.porteur = porteurs.get(one.porteur_ref)
        row.echeance = one.echeance
        row.precision = vault.fermer(one.precision.strip()) if one.precision.strip() else ""


def _porteurs(session: Session, refs: set[str]) -> dict[str, Organisation]:
    rows = session.scalars(
        select(Organisation).where(Organisation.ref.in_(refs)).order_by(Organisation.id)
    ).all()
    return {row.ref: row for row in rows}


def _prendre(
    session: Session,
    clock: Clock,
    actor: Actor,
    decision: Decision,
    vers: StatutDecision,
    typed: SaisieDecision,
    decompte: Decompte | None,
) -> None:
    dossier, seance = decision.dossier, decision.seance
    decision.statut, decision.prise_le = vers, clock.now()
    decision.prise_par = f"{actor.nom} ({actor.organisation_nom})"[:200]
    contenu: dict[str, Any] = {
        "voix": {cle: vote.value for cle, vote in typed.voix.items()},
        "consensus": typed.consensus,
    }
    if decompte is not None:
        contenu["decompte"] = totaux(decompte) | {
            "abstentions": decompte.abstentions,
            "preponderante": decompte.preponderante,
            "pondere": seance.commission.regle is RegleDecision.PONDERE,
        }
    decision.votes = coffre(session).fermer(contenu)
    for one in decision.prescriptions:
        one.statut_le, one.statut_par = clock.now(), decision.prise_par
    reports.passage(session, clock, dossier, seance.id).issue = decision.code
    if decision.code == AJOURNE:
        dossier.ajournements += 1
        places = reports.places(session, clock, dossier.commission_id, seance.debut)
        reports.reinscrire(session, clock, dossier, places, d_office=True)
    else:
        dossier.statut = StatutDossier.DECIDE
        dossier.updated_at = clock.now()
    session.flush()
    facts = {"code": decision.code, "ecrite": decision.ecrite, "prescriptions": len(decision.prescriptions)}
    record(session, clock, actor, "commissions:decision:prendre", decision, changes=facts)


def votes_lus(session: Session, decision: Decision | None) -> tuple[Mapping[str, Vote], bool, dict[str, Any]]:
    """Return what a decision keeps of its vote: voices (for who is noting them), consensus, totals."""
    if decision is None or not decision.votes:
        return {}, False, {}
    lus = coffre(session).ouvrir(decision.votes)
    voix = {cle: Vote(vote) for cle, vote in lus["voix"].items()}
    return voix, lus["consensus"], lus.get("decompte", {})
