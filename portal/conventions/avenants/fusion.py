"""What a merger does to the open avenant of a line (domaine.md § 5.4)."""

from sqlalchemy.orm import Session

from portal.conventions.avenants import avis, figer, fil, propositions
from portal.conventions.avenants.ecriture import noter, ouvert
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.redaction.enums import GenreFait, Position
from portal.security.policy import Actor
from portal.shared.clock import Clock


def clore(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Give up the open avenant of a convention that a merger ends, and tell everyone why."""
    avenant = ouvert(session, ligne.id)
    if avenant is None:
        return
    figer.annuler(session, clock, actor, ligne, avenant, ligne.motif)
    avenant.statut, avenant.statut_depuis = StatutAvenant.ABANDONNE, clock.now()
    avenant.motif, avenant.updated_at = ligne.motif, clock.now()
    propositions.rendre(session, avenant)
    session.flush()
    noter(session, clock, actor, ligne, avenant, "avenant:etape_abandonner", {"raison": ligne.motif})
    avis.clos(session, clock, actor, ligne, avenant, ligne.motif)


def remplacer(session: Session, clock: Clock, actor: Actor, ligne: Convention, partie: Partie) -> None:
    """Have the organisation that takes a party's place examine the open avenant itself: it accepted nothing.

    A frozen text names its parties: one in signature is void, with the signatures given, and all are told.
    """
    avenant = ouvert(session, ligne.id)
    if avenant is None:
        return
    absorbante = {
        Partie.OPERATEUR: ligne.operateur,
        Partie.SIAO: ligne.siao,
        Partie.ETAT: ligne.etat,
    }[partie]
    oubliees = {}
    for clause in avenant.clauses:
        dite = next((une for une in clause.positions if une.partie is partie), None)
        if dite is None:
            continue
        clause.positions.remove(dite)
        clause.updated_at = clock.now()
        avant, apres = dite.position.value, Position.A_EXAMINER.value
        oubliees[clause.code] = [avant, apres]
        fil.inscrire(session, clock, actor, clause, GenreFait.POSITION, partie, avant=avant, apres=apres)
    avenant.updated_at = clock.now()
    raison = f"« {absorbante.nom} » prend la place d’une partie"
    if avenant.statut is StatutAvenant.EN_SIGNATURE:
        signees = figer.annuler(session, clock, actor, ligne, avenant, raison)
        avenant.statut, avenant.statut_depuis = StatutAvenant.EN_NEGOCIATION, clock.now()
        session.flush()
        avis.rouvert(session, clock, actor, ligne, avenant, signees, raison)
    noter(session, clock, actor, ligne, avenant, "avenant:fusion", {"raison": raison} | oubliees)
