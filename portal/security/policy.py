"""Who may do what: predicates registered by each room, denied by default."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.security.permissions import Permission, Profil


@dataclass(frozen=True)
class AdhesionActive:
    """One of the actor's memberships, as shown in the profile switcher."""

    ref: str
    profil: Profil
    organisation_nom: str
    departement_code: str


@dataclass(frozen=True)
class Actor:
    """The person who acts, through the one membership that is active.

    `departements`: codes of the départements where the membership's organisation works (its own first).
    `absorbees`: keys of the organisations merged into it, whose history it keeps.
    `organisation_type`: value of the organisations room's `TypeOrganisation`.
    """

    personne_id: int
    personne_ref: str
    nom: str
    email: str
    adhesion_id: int
    adhesion_ref: str
    profil: Profil
    organisation_id: int
    organisation_ref: str
    organisation_nom: str
    organisation_type: str
    departement_code: str
    departements: tuple[str, ...]
    absorbees: tuple[int, ...] = ()
    fuseau: str = "Europe/Paris"
    langue: str = "fr"
    adhesions: tuple[AdhesionActive, ...] = field(default=())
    session_id: int | None = None


Predicate = Callable[[Actor, Any], bool]
_POLICIES: dict[Permission, Predicate] = {}


def policy(permission: Permission) -> Callable[[Predicate], Predicate]:
    """Register the predicate of a permission.

    The predicate receives the actor and the object, or None to ask whether the actor may do it to
    anything at all (to show a menu entry, to open a form).
    """

    def decorate(predicate: Predicate) -> Predicate:
        if permission in _POLICIES:
            raise ValueError(f"policy registered twice: {permission.value}")
        _POLICIES[permission] = predicate
        return predicate

    return decorate


def allow_profiles(permission: Permission, *profils: Profil) -> None:
    """Register the simple policy « these profiles may », whatever the object."""
    allowed = frozenset(profils)
    policy(permission)(lambda actor, obj: actor.profil in allowed)


def can(actor: Actor | None, permission: Permission, obj: Any = None) -> bool:
    """Tell whether the actor may do this, to this object. What no policy allows is denied."""
    predicate = _POLICIES.get(permission)
    return actor is not None and predicate is not None and predicate(actor, obj)


def registered() -> frozenset[Permission]:
    """Return the permissions that have a policy (read by the architecture tests)."""
    return frozenset(_POLICIES)
