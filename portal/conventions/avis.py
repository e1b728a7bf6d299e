"""E-mails of this room: written to the outbox in the transaction of the act that causes them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.conventions.models import Convention
from portal.notifications.service import enqueue
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock

DIRECTIONS = (Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION)


def signee(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Tell the three parties that the CTP is signed."""
    _ecrire(session, clock, "conventions/signee", ligne, _des_parties(session, actor, ligne))


def suspendue(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    """Tell the three parties that the negotiation is suspended."""
    _ecrire(session, clock, "conventions/suspendue", ligne, _des_parties(session, actor, ligne))


def responsable_designe(session: Session, clock: Clock, actor: Actor, lignes: list[Convention]) -> None:
    """Tell a person that lines were put in its charge: one message for one line or for many."""
    personne = lignes[0].responsable if lignes else None
    if personne is None or personne.id == actor.personne_id or personne.desactivee_le is not None:
        return
    enqueue(
        session,
        clock,
        to=personne,
        template="conventions/responsable",
        context={"lignes": [(ligne.operateur.nom, ligne.siao.nom, ligne.date_cible) for ligne in lignes]},
    )


def renouvellement(session: Session, clock: Clock, ligne: Convention, jours: int) -> int:
    """Recall to the three parties that the CTP ends in `jours` days; return how many were written to."""
    personnes = _des_parties(session, None, ligne)
    _ecrire(session, clock, "conventions/renouvellement", ligne, personnes, jours=jours)
    return len(personnes)


def _des_parties(session: Session, actor: Actor | None, ligne: Convention) -> list[Personne]:
    """Return the person in charge and the directions of the three parties, the author left out."""
    en_poste = (
        select(Adhesion.personne_id)
        .where(
            Adhesion.organisation_id.in_([ligne.etat_id, ligne.siao_id, ligne.operateur_id]),
            Adhesion.profil.in_(DIRECTIONS),
            Adhesion.revoquee_le.is_(None),
        )
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(Personne)
            .where(
                Personne.id.in_(en_poste) | (Personne.id == ligne.responsable_id),
                Personne.id != (actor.personne_id if actor else 0),
                Personne.desactivee_le.is_(None),
            )
            .order_by(Personne.id)
        )
    )


def _ecrire(
    session: Session, clock: Clock, template: str, ligne: Convention, a: Iterable[Personne], **faits: Any
) -> None:
    contexte = faits | {
        "operateur": ligne.operateur.nom,
        "siao": ligne.siao.nom,
        "effet": ligne.date_effet,
        "fin": ligne.fin_effective,
        "motif": ligne.motif,
    }
    for personne in a:
        enqueue(session, clock, to=personne, template=template, context=contexte)
