"""The meetings of a round: convening, then their notes, which every participant reads."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.creation import date_plausible
from portal.conventions.redaction.service import court
from portal.conventions.tours import avis
from portal.conventions.tours.ecriture import Prise, prendre
from portal.conventions.tours.models import TourReunion
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible, StaleVersion

LONGUEURS = {"heure": 40, "lieu": 200, "ordre_du_jour": 4000, "participants": 4000, "notes": 8000}


def convoquer(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    *,
    le: date | None,
    cle: str | None = None,
    **textes: str,
) -> TourReunion:
    """Plan a meeting and tell those who come; the same form sent twice plans one.

    `textes`: heure, lieu, ordre_du_jour, participants, notes. Raises NotVisible, Forbidden, DomainError.
    """
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER)
    if cle:
        deja = session.scalar(select(TourReunion).where(TourReunion.idempotence == cle))
        if deja is not None and deja.tour_id == prise.tour.id:
            return deja
    reunion = TourReunion(
        tour_id=prise.tour.id,
        le=_jour(le),
        idempotence=cle or None,
        created_at=clock.now(),
        updated_at=clock.now(),
        **_lire(textes),
    )
    session.add(reunion)
    session.flush()
    prise.noter("reunion:convoquer", {"le": reunion.le.isoformat(), "lieu": reunion.lieu}, reunion)
    avis.convoques(prise, reunion)
    return reunion


def modifier(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    reunion_ref: str,
    version: int,
    *,
    le: date | None,
    **textes: str,
) -> TourReunion:
    """Move a meeting, or write its notes; those who come are told when its day or place changes.

    Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    prise = prendre(session, clock, actor, ref, Permission.TOURS_PILOTER, ouvert=False)
    reunion = _reunion(prise, reunion_ref)
    if reunion.version != version:
        raise StaleVersion(reunion)
    nouvelles: dict[str, Any] = {"le": _jour(le), **_lire(textes)}
    faits: dict[str, list[str]] = {}
    for champ, valeur in nouvelles.items():
        avant = getattr(reunion, champ)
        if avant != valeur:
            faits[champ] = [str(avant), str(valeur)]
            setattr(reunion, champ, valeur)
    if faits:
        reunion.updated_at = clock.now()
        prise.noter("reunion:modifier", faits, reunion)
        if {"le", "heure", "lieu"} & faits.keys():
            avis.convoques(prise, reunion)
    return reunion


def _reunion(prise: Prise, ref: str) -> TourReunion:
    reunion = prise.session.scalar(
        select(TourReunion)
        .where(TourReunion.ref == ref, TourReunion.tour_id == prise.tour.id)
        .execution_options(populate_existing=True)
    )
    if reunion is None:
        raise NotVisible(ref)
    return reunion


def _jour(le: date | None) -> date:
    if le is None:
        raise DomainError("tours.date_obligatoire", "le")
    return date_plausible(le, "le")


def _lire(textes: Mapping[str, str]) -> dict[str, str]:
    return {champ: court(textes.get(champ, ""), champ, maximum) for champ, maximum in LONGUEURS.items()}
