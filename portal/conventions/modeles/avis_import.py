"""E-mails about an imported model, to those who bind the State and the SIAO of the département."""

from sqlalchemy.orm import Session

from portal.conventions.modeles.avis import pilotes
from portal.conventions.modeles.models import ModeleImport
from portal.notifications.service import enqueue
from portal.security.policy import Actor
from portal.shared.clock import Clock


def propose(session: Session, clock: Clock, actor: Actor, row: ModeleImport) -> None:
    """Tell that a model awaits agreements."""
    _prevenir(session, clock, actor, row, "modele_propose")


def rouvert(session: Session, clock: Clock, actor: Actor, row: ModeleImport, motif: str) -> None:
    """Tell that a model proposed goes back to its rereading, and why."""
    _prevenir(session, clock, actor, row, "modele_rouvert", motif=motif)


def publie(session: Session, clock: Clock, actor: Actor, row: ModeleImport) -> None:
    """Tell that a model agreed to by all is now that of the département."""
    _prevenir(session, clock, actor, row, "modele_publie", chemin="/modele")


def _prevenir(session: Session, clock: Clock, actor: Actor, row: ModeleImport, nom: str, **plus: str) -> None:
    contexte = {
        "libelle": row.libelle,
        "departement": row.departement_code,
        "par": actor.nom,
        "chemin": f"/modele/import/{row.ref}",
        **plus,
    }
    for personne in pilotes(session, actor, row.departement_code):
        enqueue(session, clock, to=personne, template=f"conventions/{nom}", context=contexte)
