"""Opening, changing and closing organisations. Services flush, never commit."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.audit.diff import changed, plain, snapshot
from portal.audit.service import record
from portal.comptes import adhesions
from portal.organisations.enums import TypeOrganisation
from portal.organisations.identifiants import read_siren
from portal.organisations.models import (
    Departement,
    Organisation,
    OrganisationCategorie,
    OrganisationDepartement,
    Structure,
)
from portal.organisations.saisie import SaisieOrganisation, organisation_values
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.security.tokens import keyed_ref
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.shared.text import searchable, sort_key

# Types of which several organisations may carry one SIREN: the State's services, the teams of a SIAO.
SHARED_SIREN = (TypeOrganisation.ETAT, TypeOrganisation.SIAO)

Versionne = TypeVar("Versionne", Organisation, Structure)

Follower = Callable[[Session, Organisation], None]
_FOLLOWERS: list[Follower] = []
Obstacle = Callable[[Session, Organisation, date], list[DomainError]]
_OBSTACLES: list[Obstacle] = []


def open_organisation(
    session: Session, clock: Clock, actor: Actor, typed: SaisieOrganisation, *, key: str = ""
) -> Organisation:
    """Open an organisation. Raises Forbidden, DomainErrors, DomainError.

    `key`: the form's idempotency key; sent again by the same membership, it returns the organisation it
    already made.
    """
    if not can(actor, Permission.ORGANISATIONS_OUVRIR, typed):
        raise Forbidden(Permission.ORGANISATIONS_OUVRIR.value)
    ref = keyed_ref(key, Organisation.__tablename__, actor.adhesion_id)
    again = made_before(session, Organisation, ref)
    if again is not None:
        return again
    values = organisation_values(session, typed)
    _check_siren(session, typed.type, values["siren"], None)
    check_territory(actor, typed.type, {typed.departement_code, *typed.departements})
    now = clock.now()
    organisation = Organisation(type=typed.type, created_at=now, updated_at=now, **values)
    if ref:
        organisation.ref = ref
    _index_organisation(organisation)
    session.add(organisation)
    _set_departements(session, organisation, {typed.departement_code, *typed.departements})
    organisation.categories = [OrganisationCategorie(categorie=n) for n in sorted(set(typed.categories))]
    session.flush()
    facts = {name: [None, plain(value)] for name, value in values.items() if value not in (None, "")}
    record(session, clock, actor, "organisations:organisation:ouvrir", organisation, changes=facts)
    return organisation


def state_service(session: Session, clock: Clock, departement_code: str) -> Organisation:
    """Return the State's service of a département, opened if there is none: the first start of a production.

    For commands: no actor, no permission. Raises DomainError.
    """
    departement = session.get(Departement, departement_code)
    if departement is None:
        raise DomainError("introuvable", "departement")
    known = session.scalar(
        select(Organisation)
        .where(Organisation.type == TypeOrganisation.ETAT, Organisation.departement_code == departement_code)
        .where(Organisation.fermee_le.is_(None))
        .order_by(Organisation.id)
        .limit(1)
    )
    if known is not None:
        return known
    now = clock.now()
    organisation = Organisation(
        nom=f"État – {departement.nom}",
        type=TypeOrganisation.ETAT,
        departement_code=departement_code,
        created_at=now,
        updated_at=now,
    )
    _index_organisation(organisation)
    session.add(organisation)
    _set_departements(session, organisation, {departement_code})
    session.flush()
    record(session, clock, None, "organisations:organisation:ouvrir", organisation)
    return organisation


def on_edit(follower: Follower) -> Follower:
    """Register what a room above does once an organisation has changed, its new name among others."""
    _FOLLOWERS.append(follower)
    return follower


def edit_organisation(
    session: Session,
    clock: Clock,
    actor: Actor,
    organisation: Organisation,
    typed: SaisieOrganisation,
    *,
    version: int,
) -> Organisation:
    """Change an organisation. Raises Forbidden, StaleVersion, DomainErrors, DomainError.

    Writing a name makes it certain: a provisional name is no longer « à compléter ».
    """
    require(actor, Permission.ORGANISATIONS_MODIFIER, organisation)
    organisation = lock(session, organisation, version)
    if organisation.fermee_le is not None:
        raise DomainError("organisations.fermee")
    if typed.type is not organisation.type:
        raise DomainError("organisations.type_fige", "type")
    values = organisation_values(session, typed)
    _check_siren(session, organisation.type, values["siren"], organisation.id)
    before = _state(organisation, values)
    codes = {typed.departement_code, *typed.departements}
    check_territory(actor, organisation.type, codes - set(before["departements"]))
    for name, value in values.items():
        setattr(organisation, name, value)
    organisation.nom_provisoire = organisation.nom_provisoire and values["nom"] == before["nom"]
    _set_departements(session, organisation, codes)
    _set_categories(organisation, set(typed.categories))
    _index_organisation(organisation)
    changes = changed(before, _state(organisation, values))
    if changes:
        touch(organisation, clock)
        session.flush()
        for follow in _FOLLOWERS:
            follow(session, organisation)
        record(session, clock, actor, "organisations:organisation:modifier", organisation, changes=changes)
    return organisation


def join_departement(
    session: Session, clock: Clock, actor: Actor, kind: TypeOrganisation, siren: str, departement_code: str
) -> Organisation:
    """Let an organisation opened elsewhere, named by its SIREN, work in the actor's département too.

    Raises Forbidden when the actor does not administer that département, DomainError when no open
    organisation of this type carries the SIREN.
    """
    if not can(actor, Permission.ORGANISATIONS_IMPORTER, departement_code):
        raise Forbidden(Permission.ORGANISATIONS_OUVRIR.value)
    number = read_siren(siren)
    organisation = None
    if kind not in SHARED_SIREN:
        organisation = session.scalar(
            select(Organisation).where(
                Organisation.siren == number, Organisation.type == kind, Organisation.fermee_le.is_(None)
            )
        )
    if organisation is None:
        raise DomainError("organisations.siren_introuvable", "siren")
    known = {row.departement_code for row in organisation.departements}
    if departement_code not in known:
        organisation.departements.append(OrganisationDepartement(departement_code=departement_code))
        session.flush()
        record(
            session,
            clock,
            actor,
            "organisations:organisation:rattacher",
            organisation,
            changes={"departements": [sorted(known), sorted({*known, departement_code})]},
            departement_code=departement_code,
        )
    return organisation


def on_close(obstacle: Obstacle) -> Obstacle:
    """Register what stands in the way, in a room above, of closing an organisation on a day."""
    _OBSTACLES.append(obstacle)
    return obstacle


def close_organisation(
    session: Session, clock: Clock, actor: Actor, organisation: Organisation, on: date, *, version: int
) -> None:
    """Close an organisation on a past day or today, and withdraw the accesses of its people at once.

    Its open structures, and what rooms above hold of it (`on_close`), must be closed before: everything that
    remains is told together. Raises Forbidden, StaleVersion, DomainError, DomainErrors.
    """
    require(actor, Permission.ORGANISATIONS_MODIFIER, organisation)
    organisation = lock(session, organisation, version)
    if organisation.fermee_le is not None:
        raise DomainError("organisations.fermee")
    if organisation.id == actor.organisation_id:
        raise DomainError("organisations.fermeture_sienne")
    check_closing(session, clock, organisation.departement_code, on)
    remaining = _open_structures(session, organisation, on)
    for obstacle in _OBSTACLES:
        remaining += obstacle(session, organisation, on)
    if remaining:
        raise remaining[0] if len(remaining) == 1 else DomainErrors(remaining)
    organisation.fermee_le = on
    organisation.updated_at = clock.now()
    session.flush()
    record(
        session,
        clock,
        actor,
        "organisations:organisation:fermer",
        organisation,
        changes={"fermee_le": [None, on.isoformat()]},
    )
    adhesions.close_team(session, clock, actor, organisation.id)


def _open_structures(session: Session, organisation: Organisation, _on: date) -> list[DomainError]:
    count = session.scalar(
        select(func.count()).where(
            Structure.organisation_id == organisation.id, Structure.fermee_le.is_(None)
        )
    )
    return [DomainError("organisations.structures_ouvertes", nombre=count)] if count else []


def lock(session: Session, obj: Versionne, version: int) -> Versionne:
    """Return the record as it now is, held until the end of the transaction; raises StaleVersion."""
    current = session.get(type(obj), obj.id, with_for_update=True, populate_existing=True)
    if current is None or current.version != version:
        raise StaleVersion(current)
    return current


def touch(obj: Organisation | Structure, clock: Clock) -> None:
    """Date the change and, even if the row's own columns are as they were, give it a new version."""
    obj.updated_at = clock.now()
    flag_modified(obj, "updated_at")


def check_territory(actor: Actor, kind: TypeOrganisation, added: set[str]) -> None:
    """Refuse that a State service or a SIAO extends itself: its départements are what its people may see."""
    if (
        kind in SHARED_SIREN
        and actor.profil is not Profil.ADMIN_TECHNIQUE
        and added - set(actor.departements)
    ):
        raise DomainError("organisations.territoire", "departements")


def require(actor: Actor, permission: Permission, obj: Any) -> None:
    """Raise Forbidden when the policy refuses."""
    if not can(actor, permission, obj):
        raise Forbidden(permission.value)


def made_before(session: Session, model: type[Versionne], ref: str | None) -> Versionne | None:
    """Return what already carries the reference that an idempotency key gives (`keyed_ref`)."""
    return session.scalar(select(model).where(model.ref == ref)) if ref else None


def _check_siren(session: Session, kind: TypeOrganisation, siren: str | None, own_id: int | None) -> None:
    if siren is None or kind in SHARED_SIREN:
        return
    other = session.scalar(
        select(Organisation.id).where(
            Organisation.siren == siren,
            Organisation.type == kind,
            Organisation.fusionnee_dans_id.is_(None),
            Organisation.id != (own_id or 0),
        )
    )
    if other is not None:
        raise DomainError("organisations.siren_existe", "siren")


def check_closing(session: Session, clock: Clock, departement_code: str, on: date) -> None:
    """Refuse a closing day that has not come yet in the département."""
    zone = session.scalar(select(Departement.fuseau).where(Departement.code == departement_code))
    assert zone is not None
    if on > clock.today(zone):
        raise DomainError("organisations.fermeture_future", "fermee_le")


def _set_departements(session: Session, organisation: Organisation, codes: set[str]) -> None:
    present = {row.departement_code: row for row in organisation.departements}
    for code in sorted(set(present) - codes):
        open_there = session.scalar(
            select(Structure.id)
            .where(
                Structure.organisation_id == organisation.id,
                Structure.departement_code == code,
                Structure.fermee_le.is_(None),
            )
            .limit(1)
        )
        if open_there is not None:
            raise DomainError("organisations.departement_habite", "departements", departement=code)
        organisation.departements.remove(present[code])
    for code in sorted(codes - set(present)):
        organisation.departements.append(OrganisationDepartement(departement_code=code))


def _set_categories(organisation: Organisation, numbers: set[int]) -> None:
    present = {row.categorie: row for row in organisation.categories}
    for number in set(present) - numbers:
        organisation.categories.remove(present[number])
    for number in sorted(numbers - set(present)):
        organisation.categories.append(OrganisationCategorie(categorie=number))


def _state(organisation: Organisation, values: dict[str, Any]) -> dict[str, Any]:
    return snapshot(organisation, values) | {
        "departements": sorted(row.departement_code for row in organisation.departements),
        "categories": sorted(row.categorie for row in organisation.categories),
    }


def organisation_text(nom: str, sigle: str, siren: str | None, finess_ej: str | None) -> str:
    """Return the stored search text of an organisation."""
    return searchable(nom, sigle, siren, finess_ej)[:800]


def _index_organisation(organisation: Organisation) -> None:
    organisation.tri = sort_key(organisation.nom)
    organisation.texte_recherche = organisation_text(
        organisation.nom, organisation.sigle, organisation.siren, organisation.finess_ej
    )
