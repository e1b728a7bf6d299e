"""E-mails of the rounds: invitation, meeting, change of the base, positions on departures, end.

None of them is urgent: whoever chose the daily digest finds them there. Nobody reads the name or the answer
of another operator in them.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.comptes.models import Adhesion, Personne
from portal.conventions.avis import DIRECTIONS
from portal.conventions.enums import LIBELLES_PARTIE
from portal.conventions.tours.ecriture import Prise
from portal.conventions.tours.models import TourReunion
from portal.notifications.service import enqueue
from portal.organisations.models import Nature, Organisation

ENTRE_SOCLES = timedelta(hours=1)
"""A base rewritten clause after clause is announced once."""


def invites(prise: Prise, operateurs: Iterable[int]) -> None:
    """Tell operators that they are at the table."""
    _ecrire(prise, "tours/invitation", list(operateurs))


def convoques(prise: Prise, reunion: TourReunion) -> None:
    """Tell everyone at the table when and where a meeting is held."""
    faits = {
        "le": reunion.le,
        "heure": reunion.heure,
        "lieu": reunion.lieu,
        "ordre_du_jour": reunion.ordre_du_jour,
    }
    _ecrire(prise, "tours/convocation", [*_pilotes(prise), *prise.operateurs], **faits)


def socle(prise: Prise, clause: str, motif: str) -> None:
    """Tell everyone at the table that the base has changed, once for changes made in a row."""
    derniere = prise.tour.socle_annonce_le
    if derniere is not None and derniere > prise.clock.now() - ENTRE_SOCLES:
        return
    prise.tour.socle_annonce_le = prise.clock.now()
    _ecrire(prise, "tours/socle", [*_pilotes(prise), *prise.operateurs], clause=clause, motif=motif)


def positions(prise: Prise, operateurs: Iterable[int]) -> None:
    """Tell operators that State or SIAO has answered their departures."""
    partie = LIBELLES_PARTIE[prise.partie]
    _ecrire(prise, "tours/positions", list(operateurs), partie=partie)


def termine(prise: Prise, transition: str) -> None:
    """Tell everyone at the table that the round is closed, abandoned or open again."""
    tous = [*_pilotes(prise), *prise.operateurs]
    _ecrire(prise, "tours/terme", tous, transition=transition, motif=prise.tour.motif)


def _pilotes(prise: Prise) -> list[int]:
    return [prise.tour.etat_id, prise.tour.siao_id]


def _ecrire(prise: Prise, template: str, organisations: list[int], **faits: Any) -> None:
    if not organisations:
        return
    session = prise.session
    nature = session.get_one(Nature, prise.tour.nature_code)
    en_poste = select(Adhesion.personne_id).where(
        Adhesion.organisation_id.in_(organisations),
        Adhesion.profil.in_(DIRECTIONS),
        Adhesion.revoquee_le.is_(None),
    )
    personnes = session.scalars(
        select(Personne)
        .where(
            Personne.id.in_(en_poste),
            Personne.id != prise.actor.personne_id,
            Personne.desactivee_le.is_(None),
        )
        .order_by(Personne.id)
    )
    faits |= {
        "siao": session.get_one(Organisation, prise.tour.siao_id).nom,
        "chemin": f"/tours/{prise.tour.ref}",
    }
    for personne in personnes:
        nom = nature.libelle_en if personne.langue == "en" else nature.libelle
        enqueue(session, prise.clock, to=personne, template=template, context=faits | {"nature": nom})
