"""Memberships: what a person may do, for which organisation. Given, changed, withdrawn, reviewed.

What is withdrawn stops at the very next request: sessions read the memberships anew (`sessions.load`).
"""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.comptes import queries
from portal.comptes.models import Adhesion, InvitationCompte, Personne
from portal.comptes.policies import Acces, grantable
from portal.comptes.territoire import OrganisationLue, time_zone
from portal.notifications.service import enqueue
from portal.security.permissions import LIBELLES_PROFIL, Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, Forbidden, StaleVersion


def check_grant(actor: Actor, team: OrganisationLue, profil: Profil, departement_code: str) -> None:
    """Raise Forbidden or DomainError when the actor may not give this profile there."""
    if not can(actor, Permission.COMPTES_INVITER, team):
        raise Forbidden(Permission.COMPTES_INVITER.value)
    if profil not in grantable(actor, team):
        raise DomainError("comptes.profil_non_accordable", "profil")
    if not team.ouverte:
        raise DomainError("comptes.organisation_fermee")
    if departement_code not in open_departements(actor, team):
        raise DomainError("comptes.departement_non_accordable", "departement_code")


def open_departements(actor: Actor, team: OrganisationLue) -> tuple[str, ...]:
    """Return the départements for which the actor may give access to an organisation."""
    if team.id == actor.organisation_id or actor.profil is Profil.ADMIN_TECHNIQUE:
        return team.departements
    return tuple(code for code in team.departements if code in actor.departements)


def check_free(session: Session, personne_id: int, organisation_id: int, profil: Profil) -> None:
    """Raise DomainError when the person already has this profile in this organisation."""
    taken = session.scalar(
        select(Adhesion.id).where(
            Adhesion.personne_id == personne_id,
            Adhesion.organisation_id == organisation_id,
            Adhesion.profil == profil,
            Adhesion.revoquee_le.is_(None),
        )
    )
    if taken is not None:
        raise DomainError("comptes.deja_membre", "profil")


def add(
    session: Session,
    clock: Clock,
    personne_id: int,
    *,
    organisation_id: int,
    departement_code: str,
    profil: Profil,
) -> Adhesion:
    """Write a membership; rights were checked when it was offered. The caller writes the journal."""
    check_free(session, personne_id, organisation_id, profil)
    now = clock.now()
    made = Adhesion(
        personne_id=personne_id,
        organisation_id=organisation_id,
        departement_code=departement_code,
        profil=profil,
        verifiee_le=clock.today(time_zone(session, departement_code)),
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    return made


def change(
    session: Session,
    clock: Clock,
    actor: Actor,
    ref: str,
    *,
    profil: Profil,
    departement_code: str,
    version: int,
) -> Adhesion:
    """Give a membership another profile or département.

    Raises NotVisible, Forbidden, StaleVersion, DomainError.
    """
    adhesion, personne, team = _editable(session, actor, ref, version)
    check_grant(actor, team, profil, departement_code)
    before = (adhesion.profil, adhesion.departement_code)
    if before == (profil, departement_code):
        return adhesion
    if profil is not adhesion.profil:
        check_free(session, personne.id, team.id, profil)
    adhesion.profil, adhesion.departement_code = profil, departement_code
    adhesion.updated_at = clock.now()
    session.flush()
    changes = {
        "profil": [before[0].value, profil.value],
        "departement_code": [before[1], departement_code],
        "personne": personne.ref,
    }
    record(session, clock, actor, "comptes:adhesion:modifier", adhesion, changes=changes)
    _tell(session, clock, personne, team, profil, "comptes/acces_modifie")
    return adhesion


def revoke(session: Session, clock: Clock, actor: Actor, ref: str, *, version: int) -> None:
    """Withdraw a membership, at once. Raises NotVisible, Forbidden, StaleVersion."""
    adhesion, personne, team = _editable(session, actor, ref, version)
    adhesion.revoquee_le = adhesion.updated_at = clock.now()
    session.flush()
    facts = {"profil": adhesion.profil.value, "personne": personne.ref}
    record(session, clock, actor, "comptes:adhesion:revoquer", adhesion, changes=facts)
    _tell(session, clock, personne, team, adhesion.profil, "comptes/acces_retire")


def review(session: Session, clock: Clock, actor: Actor, refs: Iterable[str]) -> int:
    """Confirm that these people still need their access (six-monthly review); return how many.

    Raises NotVisible, Forbidden.
    """
    count = 0
    for ref in dict.fromkeys(refs):
        adhesion, personne, team = queries.adhesion(session, actor, ref)
        if not can(actor, Permission.COMPTES_INVITER, team):
            raise Forbidden(Permission.COMPTES_INVITER.value)
        before = adhesion.verifiee_le
        adhesion.verifiee_le = clock.today(time_zone(session, adhesion.departement_code))
        adhesion.updated_at = clock.now()
        session.flush()
        changes = {
            "verifiee_le": [before.isoformat(), adhesion.verifiee_le.isoformat()],
            "personne": personne.ref,
        }
        record(session, clock, actor, "comptes:adhesion:verifier", adhesion, changes=changes)
        count += 1
    return count


def transfer(session: Session, clock: Clock, actor: Actor, source_id: int, target_id: int) -> int:
    """Move the memberships of an organisation merged into another; return how many moved.

    Someone who had the same profile in both keeps the one of the target. Invitations not yet accepted are
    cancelled: they name an organisation that is no more.
    """
    _cancel_invitations(session, clock, source_id)
    kept = {
        (personne_id, profil)
        for personne_id, profil in session.execute(
            select(Adhesion.personne_id, Adhesion.profil).where(
                Adhesion.organisation_id == target_id, Adhesion.revoquee_le.is_(None)
            )
        )
    }
    now = clock.now()
    moved = 0
    for adhesion in session.scalars(
        select(Adhesion)
        .where(Adhesion.organisation_id == source_id, Adhesion.revoquee_le.is_(None))
        .order_by(Adhesion.id)
    ).all():
        adhesion.updated_at = now
        if (adhesion.personne_id, adhesion.profil) in kept:
            adhesion.revoquee_le = now
            session.flush()
            record(session, clock, actor, "comptes:adhesion:revoquer", adhesion, changes={"fusion": True})
            continue
        adhesion.organisation_id = target_id
        session.flush()
        changes = {"organisation_id": [source_id, target_id]}
        record(session, clock, actor, "comptes:adhesion:transferer", adhesion, changes=changes)
        moved += 1
    return moved


def close_team(session: Session, clock: Clock, actor: Actor, organisation_id: int) -> int:
    """Withdraw every membership of an organisation that closes, its invitations too; return how many."""
    _cancel_invitations(session, clock, organisation_id)
    now = clock.now()
    withdrawn = session.scalars(
        select(Adhesion)
        .where(Adhesion.organisation_id == organisation_id, Adhesion.revoquee_le.is_(None))
        .order_by(Adhesion.id)
    ).all()
    for adhesion in withdrawn:
        adhesion.revoquee_le = adhesion.updated_at = now
    session.flush()
    for adhesion in withdrawn:
        facts = {"profil": adhesion.profil.value, "fermeture": True}
        record(session, clock, actor, "comptes:adhesion:revoquer", adhesion, changes=facts)
    return len(withdrawn)


def _cancel_invitations(session: Session, clock: Clock, organisation_id: int) -> None:
    session.execute(
        update(InvitationCompte)
        .where(
            InvitationCompte.organisation_id == organisation_id,
            InvitationCompte.acceptee_le.is_(None),
            InvitationCompte.revoquee_le.is_(None),
        )
        .values(revoquee_le=clock.now())
    )


def _editable(
    session: Session, actor: Actor, ref: str, version: int
) -> tuple[Adhesion, Personne, OrganisationLue]:
    adhesion, personne, team = queries.adhesion(session, actor, ref)
    if not can(actor, Permission.COMPTES_MODIFIER, Acces(personne.id, adhesion.profil, team)):
        raise Forbidden(Permission.COMPTES_MODIFIER.value)
    session.refresh(adhesion, with_for_update=True)
    if adhesion.version != version or adhesion.revoquee_le is not None:
        raise StaleVersion(adhesion)
    return adhesion, personne, team


def _tell(
    session: Session, clock: Clock, personne: Personne, team: OrganisationLue, profil: Profil, template: str
) -> None:
    context = {"organisation": team.nom, "profil": LIBELLES_PROFIL[profil]}
    enqueue(session, clock, to=personne, template=template, context=context)
