"""What falls on which day for an actor: only what its membership sees at this very moment.

Days are civil dates of the line's département, so that an event is on the same day wherever it is read. No
person is named, and nothing of what meetings say is told.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import exists, not_, select
from sqlalchemy.orm import Session

from portal.conventions import expressions as ex
from portal.conventions.avenants.models import AvenantProposition
from portal.conventions.bilans.enums import Genre as GenreBilan
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.models import Bilan
from portal.conventions.bilans.regles import genre as genre_du_bilan
from portal.conventions.enums import Statut
from portal.conventions.jours import Jours
from portal.conventions.lignes import OPERATEUR, SIAO
from portal.conventions.models import Convention, ConventionSignature
from portal.conventions.parametres import ALERTES
from portal.conventions.policies import partie_de
from portal.conventions.queries import portee
from portal.conventions.tours.enums import StatutTour
from portal.conventions.tours.models import Tour, TourReunion
from portal.conventions.tours.queries import portee as portee_des_tours
from portal.organisations.models import Organisation
from portal.organisations.parametres import by_departement
from portal.security.permissions import ETAT, Permission
from portal.security.permissions import SIAO as PROFILS_SIAO
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch

AVANT, APRES = timedelta(days=60), timedelta(days=730)
"""How far back and ahead a calendar goes."""

MAXIMUM = 1000
"""Rows of one kind: the nearest ones."""


class Genre(Enum):
    """What an event is."""

    FIN = "fin"
    ALERTE = "alerte"
    SIGNATURE = "signature"
    REUNION = "reunion"
    BILAN = "bilan"
    BILAN_FINAL = "bilan_final"
    AVENANT = "avenant"


@dataclass(frozen=True)
class Evenement:
    """An event of a whole day. `cle`: the same each time the calendar is read; `chemin`: its page.

    `jours`: before the end, for an alert; `nature`, `heure`, `lieu`: of a meeting.
    """

    cle: str
    genre: Genre
    jour: date
    chemin: str
    operateur: str = ""
    siao: str = ""
    jours: int = 0
    nature: str = ""
    heure: str = ""
    lieu: str = ""


def evenements(session: Session, clock: Clock, actor: Actor) -> list[Evenement]:
    """Return the events of an actor by day. Six statements at most, whatever their number."""
    trouves: list[Evenement] = []
    if can(actor, Permission.CONVENTIONS_LIRE):
        trouves += _fins(session, clock, actor)
        trouves += _signatures(session, actor)
        trouves += _bilans(session, clock, actor)
        trouves += _avenants(session, clock, actor)
    if can(actor, Permission.TOURS_LIRE):
        trouves += _reunions(session, clock, actor)
    return sorted(trouves, key=lambda evenement: (evenement.jour, evenement.cle))


def _lignes(actor: Actor, *colonnes: Any) -> Any:
    return (
        select(
            Convention.ref,
            Convention.departement_code,
            OPERATEUR.nom.label("operateur"),
            SIAO.nom.label("siao"),
            *colonnes,
        )
        .join(OPERATEUR, OPERATEUR.id == Convention.operateur_id)
        .join(SIAO, SIAO.id == Convention.siao_id)
        .where(portee(actor))
        .limit(MAXIMUM)
    )


def _fins(session: Session, clock: Clock, actor: Actor) -> list[Evenement]:
    """Return the ends of the signed lines, and the alerts of those that nobody has renewed."""
    jours = Jours.de(clock)
    ici = jours.du(actor.departement_code)
    suivie = ex.remplacee_par(lambda autre: autre.statut != Statut.SANS_OBJET)
    rows = fetch(
        session,
        _lignes(
            actor,
            Convention.fin_effective,
            not_(suivie).label("seule"),
            Convention.resiliation_effet.is_(None).label("entiere"),
        )
        .where(ex.signee(), Convention.fin_effective.between(ici - AVANT, ici + APRES))
        .order_by(Convention.fin_effective, Convention.id),
    )
    reglages = by_departement(
        session, sorted({*actor.departements, *(r.departement_code for r in rows)}), ALERTES
    )
    trouves = []
    for row in rows:
        trouves.append(_de_la_ligne(row, Genre.FIN, row.fin_effective))
        if not (row.seule and row.entiere):
            continue
        for seuil in reglages[row.departement_code][ALERTES.key]:
            le = row.fin_effective - timedelta(days=seuil)
            if seuil and le >= jours.du(row.departement_code) - AVANT:
                trouves.append(_de_la_ligne(row, Genre.ALERTE, le, f"-{seuil}", seuil))
    return trouves


def _signatures(session: Session, actor: Actor) -> list[Evenement]:
    """Return the target days of the lines in signature that the actor's party has not signed."""
    partie = partie_de(actor)
    if partie is None:
        return []
    signee = exists().where(
        ConventionSignature.convention_id == Convention.id, ConventionSignature.partie == partie
    )
    rows = fetch(
        session,
        _lignes(actor, Convention.date_cible)
        .where(Convention.statut == Statut.EN_SIGNATURE, not_(signee))
        .order_by(Convention.date_cible, Convention.id),
    )
    return [_de_la_ligne(row, Genre.SIGNATURE, row.date_cible) for row in rows]


def _bilans(session: Session, clock: Clock, actor: Actor) -> list[Evenement]:
    ici = Jours.de(clock).du(actor.departement_code)
    rows = fetch(
        session,
        _lignes(actor, Bilan.ref.label("bilan"), Bilan.rang, Bilan.echeance)
        .join(Bilan, Bilan.convention_id == Convention.id)
        .where(Bilan.statut != StatutBilan.RENDU, Bilan.echeance >= ici - AVANT)
        .order_by(Bilan.echeance, Bilan.id),
    )
    return [
        Evenement(
            f"bilan-{row.bilan}",
            Genre.BILAN_FINAL if genre_du_bilan(row.rang) is GenreBilan.FINAL else Genre.BILAN,
            row.echeance,
            f"/conventions/{row.ref}/bilans",
            row.operateur,
            row.siao,
        )
        for row in rows
    ]


def _avenants(session: Session, clock: Clock, actor: Actor) -> list[Evenement]:
    """Return the days planned for avenants that State and SIAO have still to open."""
    if actor.profil not in ETAT | PROFILS_SIAO:
        return []
    ici = Jours.de(clock).du(actor.departement_code)
    rows = fetch(
        session,
        _lignes(actor, AvenantProposition.ref.label("proposition"), AvenantProposition.prevu_le)
        .join(AvenantProposition, AvenantProposition.convention_id == Convention.id)
        .where(
            ex.signee(),
            Convention.fin_effective >= ici,
            AvenantProposition.prevu_le.between(ici - AVANT, ici + APRES),
            AvenantProposition.avenant_id.is_(None),
            AvenantProposition.ecartee_le.is_(None),
        )
        .order_by(AvenantProposition.prevu_le, AvenantProposition.id),
    )
    return [
        Evenement(
            f"avenant-{row.proposition}",
            Genre.AVENANT,
            row.prevu_le,
            f"/conventions/{row.ref}/avenants",
            row.operateur,
            row.siao,
        )
        for row in rows
    ]


def _reunions(session: Session, clock: Clock, actor: Actor) -> list[Evenement]:
    ici = Jours.de(clock).du(actor.departement_code)
    rows = fetch(
        session,
        select(
            TourReunion.ref,
            TourReunion.le,
            TourReunion.heure,
            TourReunion.lieu,
            Tour.ref.label("tour"),
            Tour.nature_code,
            Organisation.nom.label("siao"),
        )
        .join(Tour, Tour.id == TourReunion.tour_id)
        .join(Organisation, Organisation.id == Tour.siao_id)
        .where(
            portee_des_tours(actor),
            Tour.statut != StatutTour.ABANDONNE,
            TourReunion.le.between(ici - AVANT, ici + APRES),
        )
        .order_by(TourReunion.le, TourReunion.id)
        .limit(MAXIMUM),
    )
    return [
        Evenement(
            f"reunion-{row.ref}",
            Genre.REUNION,
            row.le,
            f"/tours/{row.tour}",
            siao=row.siao,
            nature=row.nature_code,
            heure=row.heure,
            lieu=row.lieu,
        )
        for row in rows
    ]


def _de_la_ligne(row: AnyRow, genre: Genre, jour: date, suffixe: str = "", jours: int = 0) -> Evenement:
    cle = f"{genre.value}-{row.ref}{suffixe}"
    return Evenement(cle, genre, jour, f"/conventions/{row.ref}", row.operateur, row.siao, jours)
