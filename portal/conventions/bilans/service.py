"""Writing a bilan: drafted by the operator or the SIAO, given once, taken back with a reason."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.diff import changed, snapshot
from portal.audit.service import record
from portal.conventions import avis
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.indicateurs import indicateurs
from portal.conventions.bilans.models import Bilan
from portal.conventions.ecriture import auteur, charger, jour_de
from portal.conventions.ecriture import texte as court
from portal.conventions.models import Convention
from portal.conventions.policies import partie_de
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion

TEXTE, MOTIF = 20_000, 500
_SUIVIS = ("statut", "engagements", "difficultes")


def rediger(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    bilan_ref: str,
    version: int,
    *,
    engagements: str,
    difficultes: str,
    rendre: bool = False,
) -> Bilan:
    """Write a bilan; `rendre`: give it, with the figures of the day, to the two other parties.

    Raises NotVisible, Forbidden, StaleVersion (whose `current` is the bilan), DomainError, DomainErrors.
    """
    ligne, bilan = _prendre(session, actor, ref, bilan_ref)
    if bilan.version != version:
        raise StaleVersion(bilan)
    if bilan.statut is StatutBilan.RENDU:
        raise DomainError("bilans.deja_rendu")
    avant = snapshot(bilan, _SUIVIS)
    bilan.engagements = court(engagements, "engagements", TEXTE)
    bilan.difficultes = court(difficultes, "difficultes", TEXTE)
    if rendre:
        _exiger_tout(bilan)
        bilan.indicateurs = indicateurs(session, ligne, jour_de(session, clock, ligne))
        bilan.rendu_le = clock.now()
    bilan.statut = StatutBilan.RENDU if rendre else StatutBilan.BROUILLON
    bilan.partie, bilan.auteur = partie_de(actor), auteur(actor)
    bilan.updated_at = clock.now()
    session.flush()
    action = "rendre" if rendre else "rediger"
    changes = changed(avant, snapshot(bilan, _SUIVIS)) | {"convention": ligne.ref}
    _noter(session, clock, actor, action, bilan, changes)
    if rendre:
        avis.bilan_rendu(session, clock, actor, ligne, bilan.ref)
    return bilan


def rouvrir(
    session: Session, clock: Clock, actor: Actor, ref: str, bilan_ref: str, version: int, *, motif: str
) -> Bilan:
    """Take back a bilan that was given, to correct it; the two other parties are told why."""
    ligne, bilan = _prendre(session, actor, ref, bilan_ref)
    if bilan.version != version:
        raise StaleVersion(bilan)
    if bilan.statut is not StatutBilan.RENDU:
        raise DomainError("bilans.pas_rendu")
    raison = court(motif, "motif", MOTIF, obligatoire="bilans.motif")
    bilan.statut, bilan.rendu_le, bilan.indicateurs = StatutBilan.BROUILLON, None, None
    bilan.updated_at = clock.now()
    session.flush()
    changes = {"raison": raison, "convention": ligne.ref}
    _noter(session, clock, actor, "rouvrir", bilan, changes)
    avis.bilan_rouvert(session, clock, actor, ligne, bilan.ref, raison)
    return bilan


def _prendre(session: Session, actor: Actor, ref: str, bilan_ref: str) -> tuple[Convention, Bilan]:
    ligne = charger(session, actor, ref, Permission.BILANS_REDIGER)
    bilan = session.scalar(
        select(Bilan)
        .where(Bilan.ref == bilan_ref, Bilan.convention_id == ligne.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if bilan is None:
        raise NotVisible(bilan_ref)
    return ligne, bilan


def _exiger_tout(bilan: Bilan) -> None:
    manquants = [
        DomainError(f"bilans.{champ}", champ)
        for champ in ("engagements", "difficultes")
        if not getattr(bilan, champ)
    ]
    if manquants:
        raise DomainErrors(manquants)


def _noter(
    session: Session, clock: Clock, actor: Actor, action: str, bilan: Bilan, changes: Mapping[str, object]
) -> None:
    record(
        session,
        clock,
        actor,
        f"bilans:bilan:{action}",
        bilan,
        changes=changes,
        departement_code=bilan.departement_code,
    )
