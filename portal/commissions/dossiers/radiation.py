"""A dossier that leaves: withdrawn by its prescriber, struck out by the secretariat (domaine.md § 7.4)."""

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.commissions.dossiers.avertir import contexte, ecrire, prescripteur, secretariat
from portal.commissions.dossiers.ordre import oublier_le_passage
from portal.commissions.dossiers.policies import Vise
from portal.commissions.dossiers.saisie import MOTIF, texte
from portal.commissions.dossiers.service import DEPOSER, finir, passer, tenir
from portal.commissions.enums_dossiers import StatutDossier
from portal.commissions.models_dossiers import Dossier
from portal.organisations.saisie import Refusals
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock


def retirer(
    session: Session, clock: Clock, actor: Actor, vise: Vise, motif: str, *, version: int
) -> Dossier | None:
    """Withdraw a dossier as its prescriber; a draft is simply forgotten (None). Raises Forbidden,
    StaleVersion, DomainErrors, DomainError."""
    dossier = tenir(session, actor, vise, DEPOSER, version)
    if dossier.statut is StatutDossier.BROUILLON:
        record(session, clock, actor, "dossiers:dossier:oublier", dossier, changes={"code": dossier.code})
        session.delete(dossier)
        session.flush()
        return None
    _clore(session, clock, actor, vise, "retirer", motif)
    ecrire(session, clock, secretariat(session, clock, dossier.commission), "retire", contexte(dossier))
    return dossier


def radier(session: Session, clock: Clock, actor: Actor, vise: Vise, motif: str, *, version: int) -> Dossier:
    """Strike a dossier out, with the reason that its prescriber reads. Raises Forbidden, StaleVersion,
    DomainErrors, DomainError."""
    dossier = tenir(session, actor, vise, Permission.DOSSIERS_INSTRUIRE, version)
    _clore(session, clock, actor, vise, "radier", motif)
    ecrire(session, clock, prescripteur(session, dossier), "radie", contexte(dossier), urgent=True)
    return dossier


def _clore(session: Session, clock: Clock, actor: Actor, vise: Vise, geste: str, motif: str) -> None:
    """Take a dossier off its agenda for good; its reason is kept encrypted where what lacks was."""
    dossier = vise.dossier
    refusals = Refusals()
    cleaned = texte(refusals, motif, "motif", MOTIF)
    if not cleaned:
        refusals.add("dossiers.radiation", "motif")
    refusals.raise_any()
    avant = passer(dossier, geste, actor, vise)
    oublier_le_passage(session, dossier)
    dossier.manques = coffre(session).fermer(cleaned)
    dossier.clos_le = clock.now()
    dossier.rang = dossier.seance_id = None
    dossier.complement_avant = None
    finir(session, clock, actor, dossier, geste, {"statut": avant})
