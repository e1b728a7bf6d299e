"""E-mails of the signature: whose turn it is, what is void, what was received. Never the text itself."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.conventions.avis import DIRECTIONS, responsable
from portal.conventions.ecriture import jour_de
from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.models import Convention
from portal.conventions.signature.delegations import en_cours
from portal.conventions.signature.models import ActeSignature, DelegationSignature, TexteFige
from portal.notifications.service import enqueue
from portal.organisations.models import Departement
from portal.security.policy import Actor
from portal.shared.clock import Clock


def a_signer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ligne: Convention,
    fige: TexteFige,
    parties: Iterable[Partie],
    *,
    relance: bool = False,
) -> int:
    """Tell those who sign for these parties that the text waits for them, with its link; return how many."""
    modele = "signature/relance" if relance else "signature/a_signer"
    personnes = signataires(session, clock, ligne, parties, actor)
    _ecrire(session, clock, modele, ligne, personnes, chemin=chemin(ligne, fige))
    return len(personnes)


def annulees(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, signees: Sequence[Partie], motif: str
) -> None:
    """Tell everyone that the text is no longer in signature, and whose signatures are void."""
    _ecrire(
        session,
        clock,
        "signature/annulees",
        ligne,
        _tous(session, clock, ligne, actor),
        signees=[LIBELLES_PARTIE[partie] for partie in signees],
        motif=motif,
        par=actor.nom,
        chemin=f"/conventions/{ligne.ref}/circuit",
    )


def refusee(
    session: Session, clock: Clock, actor: Actor, ligne: Convention, partie: Partie, motif: str
) -> None:
    """Tell everyone that a party refuses to sign, and why."""
    _ecrire(
        session,
        clock,
        "signature/refusee",
        ligne,
        _tous(session, clock, ligne, actor),
        partie=LIBELLES_PARTIE[partie],
        motif=motif,
        par=actor.nom,
        chemin=f"/conventions/{ligne.ref}/circuit",
    )


def recu(session: Session, clock: Clock, actor: Actor, ligne: Convention, acte: ActeSignature) -> None:
    """Send its receipt to who has just signed on line: where to find it, and the fingerprint."""
    personne = session.get_one(Personne, actor.personne_id)
    _ecrire(
        session,
        clock,
        "signature/recu",
        ligne,
        [personne],
        quand=acte.horodatage,
        fuseau=fuseau(session, ligne),
        chemin=chemin_du_recu(ligne, acte),
    )


def fuseau(session: Session, ligne: Convention) -> str:
    """Return the zone in which the hours of a line are told."""
    return session.scalars(select(Departement.fuseau).where(Departement.code == ligne.departement_code)).one()


def chemin_du_recu(ligne: Convention, acte: ActeSignature) -> str:
    """Return the link to the receipt of a signature, of a convention or of one of its avenants."""
    return f"/conventions/{ligne.ref}/circuit/actes/{acte.ref}/recu"


def chemin(ligne: Convention, fige: TexteFige) -> str:
    """Return the link to a frozen text; once it is void, its page says so and leads to the present one."""
    return f"/conventions/{ligne.ref}/circuit/textes/{fige.ref}"


def _tous(session: Session, clock: Clock, ligne: Convention, actor: Actor) -> list[Personne]:
    """Return those who sign for any party, and who is in charge of the line; the author left out."""
    personnes = signataires(session, clock, ligne, Partie, actor)
    charge = responsable(session, clock, ligne)
    if charge is None or charge in personnes or charge.id == actor.personne_id:
        return personnes
    return [*personnes, charge]


def signataires(
    session: Session, clock: Clock, ligne: Convention, parties: Iterable[Partie], actor: Actor
) -> list[Personne]:
    """Return those who sign today for some parties: directions, and delegates; the author left out."""
    organisations = {
        Partie.OPERATEUR: ligne.operateur_id,
        Partie.SIAO: ligne.siao_id,
        Partie.ETAT: ligne.etat_id,
    }
    jour = jour_de(session, clock, ligne)
    return directions_et_delegues(session, jour, [organisations[partie] for partie in parties], actor)


def directions_et_delegues(
    session: Session, jour: date, siennes: Sequence[int], actor: Actor
) -> list[Personne]:
    """Return those who sign on a day for some organisations, given by their keys; the author left out."""
    directions = select(Adhesion.personne_id).where(
        Adhesion.organisation_id.in_(siennes),
        Adhesion.profil.in_(DIRECTIONS),
        Adhesion.revoquee_le.is_(None),
    )
    delegues = (
        select(DelegationSignature.personne_id)
        .join(
            Adhesion,
            (Adhesion.personne_id == DelegationSignature.personne_id)
            & (Adhesion.organisation_id == DelegationSignature.organisation_id),
        )
        .where(
            DelegationSignature.organisation_id.in_(siennes),
            en_cours(jour),
            Adhesion.revoquee_le.is_(None),
        )
    )
    return list(
        session.scalars(
            select(Personne)
            .where(
                or_(Personne.id.in_(directions), Personne.id.in_(delegues)),
                Personne.id != actor.personne_id,
                Personne.desactivee_le.is_(None),
            )
            .order_by(Personne.id)
        )
    )


def _ecrire(
    session: Session, clock: Clock, template: str, ligne: Convention, a: Iterable[Personne], **faits: Any
) -> None:
    contexte = faits | {"operateur": ligne.operateur.nom, "siao": ligne.siao.nom}
    for personne in a:
        enqueue(session, clock, to=personne, template=template, context=contexte)
