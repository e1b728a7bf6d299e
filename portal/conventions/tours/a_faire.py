"""What rounds await of the actor: answers of an operator, departures and bases for State and SIAO.

One statement, on the open rounds that it sees.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.conventions.jours import Jours
from portal.conventions.policies import partie_de
from portal.conventions.tours.enums import EN_ATTENTE, Reponse, StatutTour
from portal.conventions.tours.models import Tour, TourClause, TourParticipant, TourReponse, TourReunion
from portal.conventions.tours.queries import portee
from portal.organisations.models import Organisation
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import fetch


@dataclass(frozen=True)
class Attente:
    """A round in which something waits. `reunion`: the next meeting, None when none is planned."""

    ref: str
    nature_code: str
    intitule: str
    siao: str
    reponses: int
    ecarts: int
    socle: int
    reunion: date | None


def attentes(session: Session, clock: Clock, actor: Actor) -> list[Attente]:
    """Return the open rounds that wait for the actor's party, those that meet first at the top."""
    if partie_de(actor) is None or not can(actor, Permission.TOURS_LIRE):
        return []
    jour = Jours.de(clock).du(actor.departement_code)
    prochaine = (
        select(func.min(TourReunion.le))
        .where(TourReunion.tour_id == Tour.id, TourReunion.le >= jour)
        .scalar_subquery()
    )
    pilote = actor.profil in ETAT | SIAO
    comptes = _des_pilotes(actor) if pilote else _de_l_operateur(actor)
    rows = fetch(
        session,
        select(
            Tour.ref,
            Tour.nature_code,
            Tour.intitule,
            Organisation.nom.label("siao"),
            prochaine.label("reunion"),
            *(compte.label(nom) for nom, compte in comptes.items()),
        )
        .join(Organisation, Organisation.id == Tour.siao_id)
        .where(Tour.statut == StatutTour.OUVERT, portee(actor))
        .order_by(prochaine.is_(None), prochaine, Tour.id),
    )
    lues = [
        Attente(
            row.ref,
            row.nature_code,
            row.intitule,
            row.siao,
            0 if pilote else row.clauses - row.repondues,
            row.ecarts if pilote else 0,
            row.socle if pilote else 0,
            row.reunion,
        )
        for row in rows
    ]
    return [attente for attente in lues if attente.reponses or attente.ecarts or attente.socle]


def _de_l_operateur(actor: Actor) -> dict[str, Any]:
    clauses = select(func.count()).where(TourClause.tour_id == Tour.id).scalar_subquery()
    repondues = (
        select(func.count())
        .select_from(TourReponse)
        .join(TourParticipant, TourParticipant.id == TourReponse.participant_id)
        .where(
            TourParticipant.tour_id == Tour.id,
            TourParticipant.operateur_id == actor.organisation_id,
            TourReponse.reponse.not_in(EN_ATTENTE),
        )
        .correlate(Tour)
        .scalar_subquery()
    )
    return {"clauses": clauses, "repondues": repondues}


def _des_pilotes(actor: Actor) -> dict[str, Any]:
    etat = actor.profil in ETAT
    sur_l_ecart = TourReponse.position_etat if etat else TourReponse.position_siao
    sur_le_socle = TourClause.position_etat if etat else TourClause.position_siao
    ecarts = (
        select(func.count())
        .select_from(TourReponse)
        .join(TourParticipant, TourParticipant.id == TourReponse.participant_id)
        .where(
            TourParticipant.tour_id == Tour.id,
            TourParticipant.retire_le.is_(None),
            TourReponse.reponse == Reponse.ECART,
            sur_l_ecart.is_(None),
        )
        .correlate(Tour)
        .scalar_subquery()
    )
    socle = (
        select(func.count())
        .where(TourClause.tour_id == Tour.id, sur_le_socle.is_(None))
        .correlate(Tour)
        .scalar_subquery()
    )
    return {"ecarts": ecarts, "socle": socle}
