"""Closing a line that will never be signed: State and SIAO decide together (domaine.md § 5.2).

One of them proposes with its reason, the other confirms; either may put the proposal aside. Where the other
has nobody to answer, no account in force, the author may confirm alone.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import avis, expressions
from portal.conventions.chaine import lignes_du_couple, rechainer
from portal.conventions.cycle import changer_statut, motif_de
from portal.conventions.ecriture import acte, auteur, charger
from portal.conventions.enums import AUTRE_PILOTE, OUVERTS, Partie
from portal.conventions.models import Convention, ConventionClassement
from portal.conventions.policies import partie_de
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError


def proposer_classement(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Propose to close an open line (closure, merger, withdrawal); the other of State and SIAO is told.

    Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_CLASSER_SANS_OBJET, version)
    if ligne.statut not in OUVERTS:
        raise DomainError("etat.transition_impossible", etat=ligne.statut)
    if ligne.classement is not None:
        raise DomainError("conventions.classement_en_attente")
    with acte(session, clock, actor, "convention:proposer_classement", ligne) as faits:
        faits["raison"] = motif_de(motif)
        ligne.classement = ConventionClassement(
            partie=_partie(actor), motif=motif_de(motif), le=clock.now(), par=auteur(actor)
        )
    avis.classement_propose(session, clock, actor, ligne)
    return ligne


def confirmer_classement(session: Session, clock: Clock, actor: Actor, ref: str, version: int) -> Convention:
    """Close a line as the other party proposed, or alone when that one has no account; all are told.

    It leaves the pair's chain: the line it was to replace may be renewed again.
    """
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_CLASSER_SANS_OBJET, version)
    proposition = _proposition(ligne)
    if proposition.partie is _partie(actor) and _repond(session, ligne, AUTRE_PILOTE[proposition.partie]):
        raise DomainError("conventions.classement_autre_partie")
    with acte(session, clock, actor, "convention:classer", ligne):
        ligne.motif, ligne.statut_avant_suspension, ligne.remplace_id = proposition.motif, None, None
        changer_statut(clock, actor, ligne, "classer")
        session.flush()
        rechainer(session, lignes_du_couple(session, ligne.operateur_id, ligne.siao_id))
    avis.classee(session, clock, actor, ligne)
    return ligne


def ecarter_classement(
    session: Session, clock: Clock, actor: Actor, ref: str, version: int, *, motif: str
) -> Convention:
    """Put the proposal aside, with the reason: refused by the other party, or withdrawn by its author."""
    ligne = charger(session, actor, ref, Permission.CONVENTIONS_CLASSER_SANS_OBJET, version)
    _proposition(ligne)
    with acte(session, clock, actor, "convention:ecarter_classement", ligne) as faits:
        raison = faits["raison"] = motif_de(motif)
        ligne.classement = None
    avis.classement_ecarte(session, clock, actor, ligne, raison)
    return ligne


def _proposition(ligne: Convention) -> ConventionClassement:
    if ligne.classement is None:
        raise DomainError("conventions.classement_absent")
    return ligne.classement


def _repond(session: Session, ligne: Convention, partie: Partie) -> bool:
    ici = select(Convention.id).where(Convention.id == ligne.id, expressions.a_un_compte(partie))
    return session.scalar(ici) is not None


def _partie(actor: Actor) -> Partie:
    partie = partie_de(actor)
    assert partie is not None  # the permission is that of State and SIAO only
    return partie
