"""E-mails of an avenant: whose turn it is, what was signed, what is void or given up. Never the text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import Personne
from portal.conventions.avenants.enums import LIBELLES_STATUT_AVENANT, StatutAvenant
from portal.conventions.avenants.models import Avenant, AvenantClause, AvenantClauseCommentaire
from portal.conventions.ecriture import jour_de
from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.models import Convention
from portal.conventions.redaction import positions as regles
from portal.conventions.redaction.avis import ENTRE_COMMENTAIRES
from portal.conventions.signature.avis import (
    chemin_du_recu,
    directions_et_delegues,
    fuseau,
    signataires,
)
from portal.conventions.signature.circuit import regles_de
from portal.conventions.signature.models import ActeSignature, TexteFige
from portal.conventions.signature.regles import attendues
from portal.notifications.service import enqueue
from portal.security.policy import Actor
from portal.shared.clock import Clock


def attentes(avenant: Avenant) -> Counter[Partie]:
    """Return how many clauses of an avenant wait for each party."""
    return Counter(
        partie
        for clause in avenant.clauses
        for partie in regles.doivent_agir(
            {une.partie: une.position for une in clause.positions}, clause.attention
        )
    )


@contextmanager
def suivies(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant
) -> Iterator[None]:
    """Run an act on a clause, then write to the parties whose turn it has just become."""
    avant = attentes(avenant)
    yield
    if avenant.statut is StatutAvenant.EN_NEGOCIATION:
        _tour_de(session, clock, actor, ligne, avenant, avant)


def negociation_ouverte(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant
) -> None:
    """Tell each party that clauses wait for it."""
    _tour_de(session, clock, actor, ligne, avenant, Counter())


def _tour_de(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avenant: Avenant,
    avant: Counter[Partie],
) -> None:
    for partie, nombre in attentes(avenant).items():
        if not avant[partie]:
            _ecrire(session, clock, actor, "attente", ligne, avenant, [partie], nombre=nombre)


def commentaire(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, partie: Partie
) -> None:
    """Tell the two other parties that there are remarks to read, once for those written in a row."""
    recents = (
        select(AvenantClauseCommentaire.id)
        .join(AvenantClause, AvenantClause.id == AvenantClauseCommentaire.clause_id)
        .where(
            AvenantClause.avenant_id == avenant.id,
            AvenantClauseCommentaire.partie == partie,
            AvenantClauseCommentaire.le > clock.now() - ENTRE_COMMENTAIRES,
        )
    )
    if avenant.statut is not StatutAvenant.EN_NEGOCIATION or session.scalar(recents.limit(1)) is not None:
        return
    autres = [une for une in Partie if une is not partie]
    _ecrire(session, clock, actor, "commentaire", ligne, avenant, autres, partie=LIBELLES_PARTIE[partie])


def a_signer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avenant: Avenant,
    fige: TexteFige,
    signees: Sequence[Partie] = (),
    *,
    relance: bool = False,
) -> int:
    """Tell those who sign next that the avenant waits for them, with the link to its frozen text.

    Return how many people were written to.
    """
    ordre, lettre = regles_de(session, ligne, fige)
    parties = attendues(signees, ordre, lettre=lettre)
    suite = f"/textes/{fige.ref}"
    modele = "relance" if relance else "a_signer"
    return _ecrire(session, clock, actor, modele, ligne, avenant, parties, suite=suite)


def recu(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avenant: Avenant,
    acte: ActeSignature,
) -> None:
    """Send its receipt to who has just signed an avenant on line."""
    _envoyer(
        session,
        clock,
        "recu",
        ligne,
        avenant,
        [session.get_one(Personne, actor.personne_id)],
        chemin=chemin_du_recu(ligne, acte),
        quand=acte.horodatage,
        fuseau=fuseau(session, ligne),
    )


def rouvert(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    avenant: Avenant,
    signees: Sequence[Partie],
    motif: str,
    *,
    refus: bool = False,
) -> None:
    """Tell everyone that the avenant is back in negotiation, why, and whose signatures are void.

    `refus`: the party of the actor refuses to sign it.
    """
    faits: dict[str, Any] = {
        "signees": [LIBELLES_PARTIE[partie] for partie in signees],
        "motif": motif,
        "par": actor.nom,
        "refus": refus,
    }
    _ecrire(session, clock, actor, "rouvert", ligne, avenant, Partie, **faits)


def clos(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant, motif: str
) -> None:
    """Tell everyone that the avenant will not be signed, and why.

    The people of a party that a merger absorbs have passed to the absorbing one: they are told too, without
    the address of a line that they no longer see.
    """
    faits = {"etat": LIBELLES_STATUT_AVENANT[avenant.statut], "motif": motif, "par": actor.nom}
    _ecrire(session, clock, actor, "clos", ligne, avenant, Partie, **faits)
    absorbantes = [une.fusionnee_dans_id for une in (ligne.operateur, ligne.siao) if une.fusionnee_dans_id]
    if absorbantes:
        ecrites = signataires(session, clock, ligne, Partie, actor)
        jour = jour_de(session, clock, ligne)
        siennes = directions_et_delegues(session, jour, absorbantes, actor)
        passees = [une for une in siennes if une not in ecrites]
        _envoyer(session, clock, "clos", ligne, avenant, passees, chemin="", **faits)


def signe(session: Session, clock: Clock, actor: Actor, ligne: Convention, avenant: Avenant) -> None:
    """Tell everyone that the avenant is signed, and from when it changes the convention."""
    _ecrire(session, clock, actor, "signe", ligne, avenant, Partie, effet=avenant.date_effet)


def chemin(ligne: Convention, avenant: Avenant) -> str:
    """Return the address of an avenant."""
    return f"/conventions/{ligne.ref}/avenants/{avenant.ref}"


def _ecrire(
    session: Session,
    clock: Clock,
    actor: Actor,
    template: str,
    ligne: Convention,
    avenant: Avenant,
    parties: Iterable[Partie],
    suite: str = "",
    **faits: Any,
) -> int:
    personnes = signataires(session, clock, ligne, parties, actor)
    faits["chemin"] = chemin(ligne, avenant) + suite
    _envoyer(session, clock, template, ligne, avenant, personnes, **faits)
    return len(personnes)


def _envoyer(
    session: Session,
    clock: Clock,
    template: str,
    ligne: Convention,
    avenant: Avenant,
    personnes: Iterable[Personne],
    **faits: Any,
) -> None:
    contexte = faits | {
        "operateur": ligne.operateur.nom,
        "siao": ligne.siao.nom,
        "numero": avenant.numero,
        "objet": avenant.objet,
    }
    for personne in personnes:
        enqueue(session, clock, to=personne, template=f"avenants/{template}", context=contexte)
