"""Who may sign for a party: its direction, by function, and those it has delegated in writing.

The delegation is that of a person for an organisation, between two dates, by an act that is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes.models import Adhesion, Personne
from portal.conventions.avis import DIRECTIONS
from portal.conventions.creation import date_plausible
from portal.conventions.ecriture import auteur
from portal.conventions.ecriture import texte as court
from portal.conventions.models import Convention
from portal.conventions.signature.models import DelegationSignature
from portal.documents.models import Fichier
from portal.organisations.models import Organisation
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.db import AnyRow, fetch
from portal.shared.errors import DomainError, Forbidden, NotVisible

QUALITE, ACTE = 160, 300
DELEGABLES = (ETAT | SIAO) - set(DIRECTIONS)
"""Profiles that do not sign by function and may be delegated; never a « gestionnaire » (§ 10.3)."""


@dataclass(frozen=True)
class Habilitation:
    """What allows someone to sign for its party; `acte` is empty when it is its function alone."""

    qualite: str = ""
    acte: str = ""
    fichier_id: int | None = None


def habilitation(session: Session, actor: Actor, ligne: Convention, jour: date) -> Habilitation | None:
    """Return what allows the actor to sign a line for its organisation on a day, None when nothing does.

    Another service of the State reads every line of its département, and signs only those it is a party to.
    """
    if actor.organisation_id not in (ligne.operateur_id, ligne.siao_id, ligne.etat_id):
        return None
    if actor.profil in DIRECTIONS:
        return Habilitation()
    if actor.profil not in DELEGABLES:
        return None
    rows = fetch(
        session,
        select(DelegationSignature.qualite, DelegationSignature.acte, DelegationSignature.fichier_id)
        .where(
            DelegationSignature.organisation_id == actor.organisation_id,
            DelegationSignature.personne_id == actor.personne_id,
            en_cours(jour),
        )
        .order_by(DelegationSignature.id.desc())
        .limit(1),
    )
    return Habilitation(rows[0].qualite, rows[0].acte, rows[0].fichier_id) if rows else None


def en_cours(jour: date) -> Any:
    """Return the condition of a delegation that counts on a day."""
    return and_(
        DelegationSignature.retiree_le.is_(None),
        DelegationSignature.du <= jour,
        or_(DelegationSignature.au.is_(None), DelegationSignature.au >= jour),
    )


def toutes(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Return the delegations of the actor's organisation, those in force first."""
    return fetch(
        session,
        select(
            DelegationSignature.ref,
            DelegationSignature.qualite,
            DelegationSignature.acte,
            DelegationSignature.du,
            DelegationSignature.au,
            DelegationSignature.fichier_id,
            DelegationSignature.creee_le,
            DelegationSignature.creee_par,
            DelegationSignature.retiree_le,
            DelegationSignature.retiree_par,
            Personne.prenom,
            Personne.nom,
        )
        .join(Personne, Personne.id == DelegationSignature.personne_id)
        .where(DelegationSignature.organisation_id == actor.organisation_id)
        .order_by(DelegationSignature.retiree_le.is_not(None), Personne.tri, DelegationSignature.id),
    )


def delegables(session: Session, actor: Actor) -> Sequence[AnyRow]:
    """Return the people of the actor's organisation who may be delegated: ref, prenom, nom."""
    return fetch(
        session,
        select(Personne.ref, Personne.prenom, Personne.nom)
        .join(Adhesion, Adhesion.personne_id == Personne.id)
        .where(
            Adhesion.organisation_id == actor.organisation_id,
            Adhesion.profil.in_(DELEGABLES),
            Adhesion.revoquee_le.is_(None),
            Personne.desactivee_le.is_(None),
        )
        .group_by(Personne.id)
        .order_by(Personne.tri, Personne.id),
    )


def deleguer(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    personne_ref: str,
    qualite: str,
    reference: str,
    du: date,
    au: date | None = None,
    fichier_id: int | None = None,
    cle: str | None = None,
) -> DelegationSignature:
    """Record a delegation; the same form sent twice records one. Raises Forbidden, DomainError."""
    exiger(actor)
    if cle:
        deja = session.scalar(select(DelegationSignature).where(DelegationSignature.idempotence == cle))
        if deja is not None and deja.organisation_id == actor.organisation_id:
            return deja
    if personne_ref not in {row.ref for row in delegables(session, actor)}:
        raise DomainError("signature.personne", "personne")
    date_plausible(du, "du")
    if au is not None and date_plausible(au, "au") < du:
        raise DomainError("signature.dates_delegation", "au")
    personne = session.scalars(select(Personne).where(Personne.ref == personne_ref)).one()
    delegation = DelegationSignature(
        organisation_id=actor.organisation_id,
        personne_id=personne.id,
        qualite=court(qualite, "qualite", QUALITE, obligatoire="signature.qualite"),
        acte=court(reference, "reference", ACTE, obligatoire="signature.acte_delegation"),
        du=du,
        au=au,
        fichier_id=fichier_id,
        creee_le=clock.now(),
        creee_par=auteur(actor),
        idempotence=cle,
    )
    session.add(delegation)
    session.flush()
    faits = {
        "personne": personne.ref,
        "qualite": delegation.qualite,
        "acte": delegation.acte,
        "du": du.isoformat(),
        "au": au.isoformat() if au else None,
    }
    record(session, clock, actor, "conventions:delegation:donner", delegation, changes=faits)
    return delegation


def retirer(session: Session, clock: Clock, actor: Actor, ref: str) -> None:
    """Withdraw a delegation; what was signed under it stays. Raises Forbidden, NotVisible."""
    exiger(actor)
    delegation = _sienne(session, actor, ref)
    if delegation.retiree_le is None:
        delegation.retiree_le, delegation.retiree_par = clock.now(), auteur(actor)
        session.flush()
        record(session, clock, actor, "conventions:delegation:retirer", delegation)


def piece(session: Session, actor: Actor, ref: str) -> Fichier:
    """Return the act of a delegation of the actor's organisation. Raises NotVisible."""
    exiger(actor)
    fichier = session.get(Fichier, _sienne(session, actor, ref).fichier_id or 0)
    if fichier is None:
        raise NotVisible(ref)
    return fichier


def exiger(actor: Actor) -> None:
    """Refuse those who do not sign by function; raises Forbidden."""
    if not can(actor, Permission.SIGNATURE_DELEGUER):
        raise Forbidden(Permission.SIGNATURE_DELEGUER.value)


def _sienne(session: Session, actor: Actor, ref: str) -> DelegationSignature:
    delegation = session.scalar(
        select(DelegationSignature)
        .join(Organisation, Organisation.id == DelegationSignature.organisation_id)
        .where(DelegationSignature.ref == ref, Organisation.id == actor.organisation_id)
    )
    if delegation is None:
        raise NotVisible(ref)
    return delegation
