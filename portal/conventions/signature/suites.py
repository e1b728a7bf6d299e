"""What a text adds to the acts on its line: frozen when it goes to signature, void when it is back."""

from sqlalchemy.orm import Session

from portal.conventions.crochets import apres_acte, apres_reouverture, avant_transition
from portal.conventions.enums import Partie
from portal.conventions.models import Convention
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.redaction.ouverture import contester
from portal.conventions.redaction.queries import a_un_texte
from portal.conventions.signature import avis, figer
from portal.conventions.signature.circuit import attendues_de
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError


@avant_transition
def avant(session: Session, ligne: Convention, transition: str) -> None:
    """Check a text before it is frozen; a signature of a frozen text goes through the circuit."""
    if transition == "mettre_en_signature" and a_un_texte(session, ligne.id):
        figer.verifier(session, ligne)
    elif transition == "enregistrer_signature" and figer.courant(session, ligne.id) is not None:
        raise DomainError("signature.par_le_circuit")


@apres_acte
def apres(session: Session, clock: Clock, actor: Actor, ligne: Convention, acte: str) -> None:
    """Freeze the text that goes to signature, and tell those who sign first."""
    if acte == "mettre_en_signature":
        texte = session.get(ConventionTexte, ligne.id)
        if texte is not None:
            fige = figer.figer(session, clock, actor, ligne, texte)
            avis.a_signer(session, clock, actor, ligne, fige, attendues_de(session, ligne))


@apres_reouverture
def annuler(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, motif: str, partie: Partie | None
) -> None:
    """Void the text that comes back to negotiation, and tell everyone why.

    A party that withdraws its signature examines the text again, as one that refuses to sign does.
    """
    figer.rouvrir(session, clock, actor, ligne, motif)
    if partie is not None and a_un_texte(session, ligne.id):
        contester(session, clock, actor, ligne, partie, (), motif)
