"""Who may do what to organisations and structures (domaine.md § 10.2, 10.3; issue C for the administrators).

Objects are read by their attributes alone: an organisation has `id`, `type`, `departement_code`; a structure
has `organisation_id`, `departement_code`; an import is the code of a département.
"""

from typing import Any

from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, allow_profiles, policy

# See every organisation that works in their départements; the others see theirs and their partners.
TERRITORIAL = ETAT | SIAO | {Profil.ADMIN_DEPARTEMENT}

_STRANGERS = {Profil.OBSERVATEUR_AGREGE}  # aggregated figures only

allow_profiles(Permission.ORGANISATIONS_LIRE, *(set(Profil) - _STRANGERS))


@policy(Permission.ORGANISATIONS_OUVRIR)
def may_open(actor: Actor, obj: Any) -> bool:
    """The State opens organisations in its département; the technical administrator opens the State's."""
    if actor.profil is Profil.ADMIN_TECHNIQUE:
        return obj is None or obj.type is TypeOrganisation.ETAT
    return _administers(actor, obj)


@policy(Permission.ORGANISATIONS_MODIFIER)
def may_edit(actor: Actor, obj: Any) -> bool:
    """The State for those of its département; each organisation's direction and administrator for it."""
    if actor.profil in (Profil.ADMIN_ORGANISATION, Profil.OPERATEUR_DIRECTION, Profil.SIAO_DIRECTION):
        return obj is None or bool(obj.id == actor.organisation_id)
    return may_open(actor, obj)


@policy(Permission.ORGANISATIONS_FUSIONNER)
def may_merge(actor: Actor, obj: Any) -> bool:
    """The State, for organisations of its département."""
    return _administers(actor, obj)


@policy(Permission.ORGANISATIONS_IMPORTER)
def may_import(actor: Actor, obj: str | None) -> bool:
    """The State, for its département."""
    if actor.profil is not Profil.ADMIN_DEPARTEMENT:
        return False
    return obj is None or obj in actor.departements


@policy(Permission.STRUCTURES_MODIFIER)
def may_edit_structure(actor: Actor, obj: Any) -> bool:
    """The SIAO and the State's administrator in their départements, the operator for its own."""
    if actor.profil in SIAO or actor.profil is Profil.ADMIN_DEPARTEMENT:
        return obj is None or obj.departement_code in actor.departements
    if actor.profil in OPERATEUR or actor.profil is Profil.ADMIN_ORGANISATION:
        return obj is None or bool(obj.organisation_id == actor.organisation_id)
    return False


def _administers(actor: Actor, obj: Any) -> bool:
    if actor.profil is not Profil.ADMIN_DEPARTEMENT:
        return False
    return obj is None or obj.departement_code in actor.departements
