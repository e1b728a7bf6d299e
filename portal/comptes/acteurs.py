"""From a person's memberships to the Actor that services receive."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, String, and_, bindparam, cast, func, select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, Personne
from portal.comptes.territoire import departement, organisation, organisation_departement
from portal.security.policy import Actor, AdhesionActive


def memberships() -> Select[*tuple[Any, ...]]:
    """Select the memberships in force of active people in open organisations: all that an Actor holds."""
    works_in = (
        select(func.aggregate_strings(organisation_departement.c.departement_code, ","))
        .where(organisation_departement.c.organisation_id == organisation.c.id)
        .scalar_subquery()
    )
    absorbee = organisation.alias()
    absorbees = (
        select(func.aggregate_strings(cast(absorbee.c.id, String), ","))
        .where(absorbee.c.fusionnee_dans_id == organisation.c.id)
        .scalar_subquery()
    )
    return (
        select(
            Personne.id.label("personne_id"),
            Personne.ref.label("personne_ref"),
            Personne.prenom,
            Personne.nom,
            Personne.email,
            Personne.langue,
            Personne.totp_active_le,
            Adhesion.id.label("adhesion_id"),
            Adhesion.ref.label("adhesion_ref"),
            Adhesion.profil,
            Adhesion.departement_code,
            organisation.c.id.label("organisation_id"),
            organisation.c.ref.label("organisation_ref"),
            organisation.c.nom.label("organisation_nom"),
            organisation.c.type.label("organisation_type"),
            departement.c.fuseau,
            works_in.label("travaille_dans"),
            absorbees.label("absorbees"),
        )
        .join(Adhesion, and_(Adhesion.personne_id == Personne.id, Adhesion.revoquee_le.is_(None)))
        .join(organisation, organisation.c.id == Adhesion.organisation_id)
        .join(departement, departement.c.code == Adhesion.departement_code)
        .where(Personne.desactivee_le.is_(None), organisation.c.fermee_le.is_(None))
        .order_by(Adhesion.id)
    )


def build(
    rows: Sequence[Row[*tuple[Any, ...]]],
    active_id: int | None = None,
    session_id: int | None = None,
) -> Actor | None:
    """Return the actor of one person's `memberships`; the active one is `active_id`, else the first.

    None without membership.
    """
    if not rows:
        return None
    row = next((r for r in rows if r.adhesion_id == active_id), rows[0])
    works_in = sorted((row.travaille_dans or "").split(","))
    return Actor(
        personne_id=row.personne_id,
        personne_ref=row.personne_ref,
        nom=f"{row.prenom} {row.nom}".strip(),
        email=row.email,
        adhesion_id=row.adhesion_id,
        adhesion_ref=row.adhesion_ref,
        profil=row.profil,
        organisation_id=row.organisation_id,
        organisation_ref=row.organisation_ref,
        organisation_nom=row.organisation_nom,
        organisation_type=row.organisation_type,
        departement_code=row.departement_code,
        departements=(
            row.departement_code,
            *(code for code in works_in if code not in ("", row.departement_code)),
        ),
        absorbees=tuple(sorted(int(key) for key in (row.absorbees or "").split(",") if key)),
        fuseau=row.fuseau,
        langue=row.langue,
        adhesions=tuple(
            AdhesionActive(r.adhesion_ref, r.profil, r.organisation_nom, r.departement_code) for r in rows
        ),
        session_id=session_id,
    )


_OF_PERSON = memberships().where(Personne.id == bindparam("personne"))


def of_person(session: Session, personne_id: int, adhesion_id: int | None = None) -> Actor | None:
    """Return a person as an actor outside of any session, through one membership or else the first.

    None when the account is closed, or has no membership in force.
    """
    return build(session.execute(_OF_PERSON, {"personne": personne_id}).all(), adhesion_id)


def of_membership(session: Session, adhesion_id: int) -> Actor | None:
    """Return the actor of one membership; None once it is revoked, or its account closed."""
    personne_id = session.scalar(select(Adhesion.personne_id).where(Adhesion.id == adhesion_id))
    actor = of_person(session, personne_id, adhesion_id) if personne_id is not None else None
    return actor if actor is not None and actor.adhesion_id == adhesion_id else None
