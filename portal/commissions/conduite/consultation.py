"""An urgent case is decided in writing, before the session that confirms it (domaine.md § 7.6).

Members answer by their written opinion on the dossier; the secretariat writes the decision once everyone has
answered, or once the delay is over; the session confirms it, or not. Services flush, never commit.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions import direct
from portal.commissions.conduite import reports
from portal.commissions.conduite.decisions import decision_de, ecrire_par_ecrit, relire
from portal.commissions.conduite.saisie import SaisieDecision
from portal.commissions.conduite.seance import tenir_ouverte
from portal.commissions.dossiers import avertir, ordre
from portal.commissions.dossiers.policies import parties
from portal.commissions.dossiers.queries import autorisee
from portal.commissions.dossiers.queries_agenda import appeles
from portal.commissions.enums import StatutSeance
from portal.commissions.enums_dossiers import SensAvis, StatutDecision, StatutDossier
from portal.commissions.models_decisions import Decision
from portal.commissions.models_dossiers import Dossier, DossierAvis
from portal.commissions.models_seances import Seance
from portal.comptes.models import Personne
from portal.conventions.jours import fuseau_de
from portal.notifications.service import enqueue
from portal.organisations.service import require
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError


@dataclass(frozen=True)
class Reponses:
    """What members answered in writing: how many gave each opinion, how many were asked."""

    par_sens: dict[SensAvis, int]
    attendus: int

    @property
    def recus(self) -> int:
        """How many answered."""
        return sum(self.par_sens.values())


def consulter(session: Session, clock: Clock, actor: Actor, seance: Seance, dossier: Dossier) -> Decision:
    """Ask the members for their opinion in writing, within the commission's delay; they are told by e-mail,
    without anything of the household. The papers of the session open at once. Twice is as once.

    Raises Forbidden, DomainError.
    """
    require(actor, Permission.DOSSIERS_DECIDER, seance.commission)
    conduite = direct.tenir(session, seance.id)
    found = decision_de(session, dossier.id, seance.id, ecrite=True)
    if found is not None:
        return found
    a_temps = seance.statut is StatutSeance.CONVOQUEE and seance.debut > clock.now()
    if not a_temps or conduite.ouverte_le or dossier.statut is not StatutDossier.INSCRIT:
        raise DomainError("conduite.consultation")
    if not session.scalar(select(autorisee(clock)).where(Dossier.id == dossier.id)):
        raise DomainError("conduite.illisible")
    gens = avertir.invites_de(session, seance, _consultes(session, seance, dossier))
    if not gens:
        raise DomainError("conduite.personne")
    if conduite.fige_le is None:
        ordre.figer(session, clock, actor, seance)
    now = clock.now()
    decision = Decision(
        dossier=dossier,
        seance=seance,
        statut=StatutDecision.REDIGEE,
        ecrite=True,
        repondre_avant=now + timedelta(hours=seance.commission.urgence_heures),
        created_at=now,
        updated_at=now,
    )
    session.add(decision)
    dossier.urgent = True
    dit = avertir.contexte(dossier) | avertir.de_la_seance(seance)
    dit |= {"avant": decision.repondre_avant, "reference": dossier.ref}
    for one in gens:
        enqueue(session, clock, to=one, template="conduite/consultation", context=dit, urgent=True)
    direct.avancer(session, seance.id, direct.ligne(dossier.id))
    facts = {"jusqu_au": decision.repondre_avant.isoformat() if decision.repondre_avant else ""}
    record(session, clock, actor, "commissions:decision:consulter", decision, changes=facts)
    return decision


def _consultes(session: Session, seance: Seance, dossier: Dossier) -> frozenset[int]:
    """Return the organisations asked: those who sit, but those party to the dossier (§ 7.2)."""
    return appeles(session, seance.id) - parties(dossier)


def reponses(session: Session, seance: Seance, dossier: Dossier) -> Reponses:
    """Return what members answered so far: whoever answered was asked, withdrawn since or not. Two
    statements."""
    rows = session.execute(
        select(DossierAvis.sens, DossierAvis.organisation_id)
        .where(DossierAvis.seance_id == seance.id, DossierAvis.dossier_id == dossier.id)
        .order_by(DossierAvis.sens, DossierAvis.id)
    ).all()
    asked = _consultes(session, seance, dossier) | {row.organisation_id for row in rows}
    return Reponses(Counter(row.sens for row in rows), len(asked))


def mure(clock: Clock, repondre_avant: datetime | None, dites: Reponses) -> bool:
    """Tell whether the decision may be taken: everyone answered, or the delay is over. Of nobody left to ask,
    all having withdrawn, the delay is awaited."""
    return 0 < dites.attendus <= dites.recus or repondre_avant is None or clock.now() >= repondre_avant


def decider(
    session: Session,
    clock: Clock,
    actor: Actor,
    decision: Decision,
    typed: SaisieDecision,
    *,
    version: int,
) -> Decision:
    """Take the decision in writing once everyone answered or the delay is over; the session confirms it.

    Raises Forbidden, StaleVersion, DomainErrors, DomainError.
    """
    dites = reponses(session, decision.seance, decision.dossier)
    if not mure(clock, decision.repondre_avant, dites):
        raise DomainError("conduite.delai")
    return ecrire_par_ecrit(session, clock, actor, decision, typed, version=version)


def confirmer(
    session: Session, clock: Clock, actor: Actor, decision: Decision, *, version: int, confirme: bool
) -> Decision:
    """Have the session confirm a decision taken in writing, or not: the dossier is then examined anew, and
    those whom the decision was told to are told that it stands no more.

    Raises Forbidden, StaleVersion, DomainError.
    """
    tenir_ouverte(session, actor, decision.seance)
    decision = relire(session, decision, version)
    if decision.statut is not StatutDecision.A_CONFIRMER:
        raise DomainError("etat.transition_impossible", etat=decision.statut)
    decision.statut = StatutDecision.CONFIRMEE if confirme else StatutDecision.INFIRMEE
    decision.confirmee_le = decision.updated_at = clock.now()
    dossier = decision.dossier
    if not confirme:
        dossier.statut = StatutDossier.EN_SEANCE
        dossier.updated_at = clock.now()
        reports.passage(session, clock, dossier, decision.seance_id).issue = ""
        _dedire(session, clock, decision)
    direct.avancer(session, decision.seance_id, direct.DECISION, direct.ligne(dossier.id))
    change = {"statut": [StatutDecision.A_CONFIRMER.value, decision.statut.value]}
    record(session, clock, actor, "commissions:decision:confirmer", decision, changes=change)
    return decision


def _dedire(session: Session, clock: Clock, decision: Decision) -> None:
    """Write to those whom a decision was told to that the session did not confirm it."""
    if decision.notifiee_le is None:
        return
    porteurs = [one.porteur_id for one in decision.prescriptions if one.porteur_id is not None]
    gens: list[Personne | str] = [
        *avertir.prescripteur(session, decision.dossier),
        *avertir.invites_de(session, decision.seance, porteurs),
    ]
    dit = avertir.contexte(decision.dossier) | {"debut": decision.seance.debut}
    dit |= {"fuseau": fuseau_de(decision.dossier.departement_code)}
    for one in gens:
        enqueue(session, clock, to=one, template="conduite/non_confirmee", context=dit, urgent=True)
