"""Appeals: formed by the prescriber within the delay, examined by another or enlarged formation (§ 7.7).

None replaces the remedies that the law provides, which pages and letters recall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.crochets import on_seance_annulee
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import IssueRecours, StatutDecision, StatutDossier
from portal.commissions.models_decisions import Decision, Recours
from portal.commissions.models_dossiers import Dossier
from portal.commissions.models_seances import Seance
from portal.commissions.nomenclatures import defavorables
from portal.commissions.queries import ASSISE
from portal.commissions.seances import commencee
from portal.commissions.suites_seance import formations, gens, queries, regles
from portal.commissions.suites_seance.queries_recours import recours_de
from portal.conventions.jours import fuseau_de
from portal.grilles.transmissions.nomenclatures import interdit_dans
from portal.organisations.saisie import Refusals
from portal.organisations.service import require
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, StaleVersion

TEXTE = 4000


@dataclass(frozen=True)
class SaisieIssue:
    """The outcome as typed. `code`: of the revised decision."""

    issue: IssueRecours
    reponse: str
    code: str = ""


def jusqu_au(decision: Decision) -> date | None:
    """Return the last day of the appeal against a decision, included; None when it opens none (yet)."""
    commission = decision.seance.commission
    if not commission.recours or decision.code not in defavorables() or decision.notifiee_le is None:
        return None
    return regles.dernier_jour(
        decision.notifiee_le, commission.recours_jours, fuseau_de(decision.dossier.departement_code)
    )


def refus(clock: Clock, decision: Decision, forme: Recours | None) -> DomainError | None:
    """Return why no appeal may be formed against a decision today, None when one may."""
    commission, dossier = decision.seance.commission, decision.dossier
    if not commission.recours:
        return DomainError("suites.recours_ferme")
    if decision.code not in defavorables() or decision.statut not in queries.PRISES:
        return DomainError("suites.recours_favorable")
    if forme is not None:
        return DomainError("suites.recours_existe")
    last = jusqu_au(decision)
    if last is None:
        return DomainError("suites.recours_non_notifie")
    if clock.today(fuseau_de(dossier.departement_code)) > last:
        return DomainError("suites.recours_delai", jour=last)
    return None


def ouvert(clock: Clock, actor: Actor, decision: Decision, forme: Recours | None) -> bool:
    """Tell whether the actor may form an appeal now."""
    return (
        can(actor, Permission.DOSSIERS_RECOURIR, decision.dossier) and refus(clock, decision, forme) is None
    )


def former(
    session: Session, clock: Clock, actor: Actor, decision: Decision, motif: str, elements: str
) -> Recours:
    """Form an appeal; the secretariat is told. Raises Forbidden, DomainError, DomainErrors."""
    require(actor, Permission.DOSSIERS_RECOURIR, decision.dossier)
    session.scalar(select(Decision.id).where(Decision.id == decision.id).with_for_update())
    refused = refus(clock, decision, recours_de(session, decision.id))
    if refused is not None:
        raise refused
    refusals = Refusals()
    motif, elements = _texte(refusals, motif, "motif"), _texte(refusals, elements, "elements")
    if not motif:
        refusals.add("suites.recours_motif", "motif")
    refusals.raise_any()
    vault, now = coffre(session), clock.now()
    made = Recours(
        decision=decision,
        forme_le=now,
        forme_par=_nom(actor),
        motif=vault.fermer(motif),
        elements=vault.fermer(elements) if elements else "",
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    _etat(clock, decision.dossier, StatutDossier.RECOURS)
    session.flush()
    context = {
        "dossier": decision.dossier.code,
        "commission": decision.seance.commission.nom,
        "recours": made.ref,
    }
    secretariat = gens.de_l_organisation(session, decision.seance.commission.secretariat_id)
    gens.ecrire(session, clock, secretariat, "recours", context)
    _noter(session, clock, actor, "former", made, {"elements": bool(elements)})
    return made


def designer(
    session: Session, clock: Clock, actor: Actor, recours: Recours, seance_ref: str, *, version: int
) -> None:
    """Say which session examines an appeal: another formation, or an enlarged one.

    Raises Forbidden, StaleVersion, DomainError.
    """
    held, decision = _tenir(session, actor, recours, version)
    seance = session.scalar(
        select(Seance).where(
            Seance.ref == seance_ref,
            Seance.departement_code == decision.seance.departement_code,
            Seance.statut != StatutSeance.ANNULEE,
            Seance.fin > clock.now(),
            Seance.id != decision.seance_id,
        )
    )
    if seance is None:
        raise DomainError("suites.seance", "seance")
    if not _distincte(session, decision, seance):
        raise DomainError("suites.formation", "seance")
    held.seance_id, held.updated_at = seance.id, clock.now()
    session.flush()
    context = {
        "dossier": decision.dossier.code,
        "commission": seance.commission.nom,
        "debut": seance.debut,
        "fuseau": fuseau_de(seance.departement_code),
        "recours": held.ref,
    }
    gens.ecrire(session, clock, gens.qui_siegent(session, seance.id), "examen", context)
    _noter(session, clock, actor, "designer", held, {"seance": seance.ref})


@on_seance_annulee
def redesigner(session: Session, clock: Clock, actor: Actor, seance: Seance) -> None:
    """Have the appeals that a cancelled session was to examine wait for another; tell their secretariat."""
    rows = session.scalars(
        select(Recours)
        .where(Recours.seance_id == seance.id, Recours.issue.is_(None))
        .order_by(Recours.id)
        .with_for_update()
    ).all()
    for held in rows:
        held.seance_id, held.updated_at = None, clock.now()
        session.flush()
        decision = queries.decision_de(session, held.decision_id)
        context = {
            "dossier": decision.dossier.code,
            "commission": decision.seance.commission.nom,
            "recours": held.ref,
        }
        secretariat = gens.de_l_organisation(session, decision.seance.commission.secretariat_id)
        gens.ecrire(session, clock, secretariat, "recours_sans_seance", context)
        _noter(session, clock, actor, "redesigner", held, {"seance": seance.ref})


def trancher(
    session: Session, clock: Clock, actor: Actor, recours: Recours, typed: SaisieIssue, *, version: int
) -> None:
    """Note what an appeal comes to; the prescriber is told.

    Maintained: the dossier is closed. Revised: a decision of the session that examined it replaces the first
    one, and is told like any other. Sent back: the dossier is to be registered before a new formation.
    Raises Forbidden, StaleVersion, DomainError, DomainErrors.
    """
    held, decision = _tenir(session, actor, recours, version)
    seance = held.seance
    if seance is None:
        raise DomainError("suites.sans_seance")
    if not commencee(session, clock, seance):
        raise DomainError("suites.pas_examinee")
    if not _distincte(session, decision, seance):  # who was to come is no longer invited
        raise DomainError("suites.formation")
    revise = typed.issue is IssueRecours.REVISION
    refusals = Refusals()
    reponse = _texte(refusals, typed.reponse, "reponse")
    if not reponse:
        refusals.add("suites.reponse", "reponse")
    if revise and typed.code not in decisions_possibles(decision):
        refusals.add("suites.nouvelle_decision", "code")
    elif revise and typed.code == decision.code:
        refusals.add("suites.meme_decision", "code")
    defavorable = (typed.code if revise else decision.code) in defavorables()
    found = interdit_dans(reponse) if defavorable else None
    if found is not None:
        refusals.add(
            "suites.interdit",
            "reponse",
            interdit=found.code,
            interdit_libelle=found.libelle,
            explication=found.explication,
        )
    refusals.raise_any()
    held.issue, held.reponse = typed.issue, coffre(session).fermer(reponse)
    held.decide_le = held.updated_at = clock.now()
    held.decide_par = _nom(actor)
    _suite(session, clock, actor, decision, seance, typed, reponse)
    session.flush()
    context = {
        "dossier": decision.dossier.code,
        "commission": decision.seance.commission.nom,
        "recours": held.ref,
    }
    gens.ecrire(session, clock, gens.prescripteur(session, decision.dossier.menage), "issue", context)
    _noter(session, clock, actor, "trancher", held, {"issue": typed.issue.value})


def _distincte(session: Session, decision: Decision, seance: Seance) -> bool:
    """Tell whether a session that examines an appeal is another formation than the one that decided, guests
    included: a guest of this one, who reads nothing of it, makes it no larger."""
    return regles.formation_distincte(
        formations.formation(session, decision.seance),
        formations.formation(session, seance, ASSISE),
        autre_commission=seance.commission_id != decision.seance.commission_id,
    )


def seances_possibles(session: Session, clock: Clock, decision: Decision) -> tuple[list[Any], list[Any]]:
    """Return the sessions to come that may examine an appeal against a decision, and those that may not, for
    they gather the same formation: as `formations.seances_a_venir` reads them. One statement."""
    premiere, examens = formations.seances_a_venir(session, clock, decision)
    possibles: list[Any] = []
    memes: list[Any] = []
    for row, examen in examens:
        autre = row.commission_id != decision.seance.commission_id
        distincte = regles.formation_distincte(premiere, examen, autre_commission=autre)
        (possibles if distincte else memes).append(row)
    return possibles, memes


def decisions_possibles(decision: Decision) -> Sequence[str]:
    """Return what an appeal may be revised into: what the first commission may decide."""
    return [code for code in decision.seance.commission.decisions if code != "AJOURNE"]


def _suite(
    session: Session,
    clock: Clock,
    actor: Actor,
    decision: Decision,
    seance: Seance,
    typed: SaisieIssue,
    reponse: str,
) -> None:
    dossier, now = decision.dossier, clock.now()
    if typed.issue is IssueRecours.MAINTIEN:
        _etat(clock, dossier, StatutDossier.CLOS)
        dossier.clos_le = now
    elif typed.issue is IssueRecours.RENVOI:
        _etat(clock, dossier, StatutDossier.RECEVABLE)
        dossier.seance_id = dossier.rang = None
    else:
        _etat(clock, dossier, StatutDossier.DECIDE)
        session.add(
            Decision(
                dossier=dossier,
                seance=seance,
                statut=StatutDecision.PRISE,
                code=typed.code,
                motif=coffre(session).fermer(reponse),
                prise_le=now,
                prise_par=_nom(actor),
                created_at=now,
                updated_at=now,
            )
        )


def _tenir(session: Session, actor: Actor, recours: Recours, version: int) -> tuple[Recours, Decision]:
    decision = queries.decision_de(session, recours.decision_id)
    require(actor, Permission.RECOURS_INSTRUIRE, decision.seance.commission)
    held = session.get(Recours, recours.id, with_for_update=True, populate_existing=True)
    if held is None or held.version != version:
        raise StaleVersion(held)
    if held.issue is not None:
        raise DomainError("suites.recours_clos")
    return held, decision


def _etat(clock: Clock, dossier: Dossier, statut: StatutDossier) -> None:
    dossier.statut, dossier.updated_at = statut, clock.now()


def _texte(refusals: Refusals, typed: str, field: str) -> str:
    cleaned = typed.replace("\r\n", "\n").strip()
    if len(cleaned) > TEXTE:
        refusals.add("suites.trop_long", field, maximum=TEXTE)
    return cleaned


def _nom(actor: Actor) -> str:
    return f"{actor.nom} ({actor.organisation_nom})"[:200]


def _noter(
    session: Session, clock: Clock, actor: Actor, geste: str, recours: Recours, faits: dict[str, object]
) -> None:
    record(
        session,
        clock,
        actor,
        f"commissions:recours:{geste}",
        recours,
        changes=faits,
        departement_code=recours.decision.dossier.departement_code,
    )
