"""Grouped avenants: one act brings many conventions to the département's last green version (C8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from portal.conventions.avenants import service
from portal.conventions.avenants.composition import composer
from portal.conventions.avenants.consolidation import Changement
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.avenants.ecriture import verifier_ouvrable
from portal.conventions.avenants.enums import Origine
from portal.conventions.ecriture import charger
from portal.conventions.models import Convention
from portal.conventions.redaction.socle import derniere_publiee, socle
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError

MAXIMUM = 200


@dataclass
class Rapport:
    """What a grouped act did: operators whose avenant is open, and the others, with why."""

    ouverts: list[str] = field(default_factory=list)
    refus: list[tuple[str, DomainError]] = field(default_factory=list)


def ouvrir_en_lot(session: Session, clock: Clock, actor: Actor, refs: Sequence[str]) -> Rapport:
    """Open an avenant of each convention towards the last green version: as many as are possible.

    The report keeps the refusal of each other one. Raises NotVisible, Forbidden, DomainError.
    """
    choisies = sorted(set(refs))[:MAXIMUM]
    if not choisies:
        raise DomainError("avenants.aucune", "conventions")
    rapport = Rapport()
    for ref in choisies:
        ligne = charger(session, actor, ref, Permission.CONVENTIONS_MODIFIER)
        try:
            with session.begin_nested():
                _ouvrir(session, clock, actor, ligne)
        except DomainError as error:
            rapport.refus.append((ligne.operateur.nom, error))
        else:
            rapport.ouverts.append(ligne.operateur.nom)
    return rapport


def _ouvrir(session: Session, clock: Clock, actor: Actor, ligne: Convention) -> None:
    version_id = derniere_publiee(session, ligne.departement_code)
    if version_id is None:
        raise DomainError("redaction.version_absente")
    verifier_ouvrable(session, clock, ligne)
    depart = consolide(session, ligne)
    if depart.etat.version_id == version_id:
        raise DomainError("avenants.version_a_jour")
    if not composer(session, depart, Changement(0, None, version_id)).induites:
        raise DomainError("avenants.version_sans_effet")
    numero = socle(session, version_id).numero
    service.ouvrir(
        session,
        clock,
        actor,
        ligne.ref,
        objet=f"Passage à la version départementale n° {numero}",
        origine=Origine.VERSION,
        version_id=version_id,
    )
