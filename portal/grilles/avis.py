"""E-mails of the grid's models: written to the outbox in the transaction of the act that causes them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.conventions.modeles.avis import pilotes
from portal.grilles.models import GrilleModele
from portal.notifications.service import enqueue
from portal.security.policy import Actor
from portal.shared.clock import Clock


def validations_annulees(
    session: Session, clock: Clock, actor: Actor, version: GrilleModele, question: str, motif: str
) -> None:
    """Tell those who bind State and SIAO that a question of what they had validated has changed."""
    contexte = {"numero": version.numero, "question": question, "motif": motif, "par": actor.nom}
    _prevenir(session, clock, actor, version, "grilles/validations_annulees", contexte)


def publiee(session: Session, clock: Clock, actor: Actor, version: GrilleModele) -> None:
    """Tell them that a version is published."""
    contexte = {"numero": version.numero, "departement": version.departement_code}
    _prevenir(session, clock, actor, version, "grilles/publiee", contexte)


def _prevenir(
    session: Session,
    clock: Clock,
    actor: Actor,
    version: GrilleModele,
    template: str,
    contexte: Mapping[str, Any],
) -> None:
    assert version.departement_code is not None
    chemin = f"/grille/versions/{version.ref}"
    for personne in pilotes(session, actor, version.departement_code):
        enqueue(session, clock, to=personne, template=template, context={**contexte, "chemin": chemin})
