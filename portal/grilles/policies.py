"""Who may read and write the grid's models (domaine.md § 6.1: landlords, operators, SIAO, State, households).

The object is a version, read by `departement_code` only: a draft is read by all those who discuss it.
"""

from typing import Any

from portal.conventions.modeles.policies import ENGAGENT
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, policy

LECTEURS = (
    ETAT
    | SIAO
    | OPERATEUR
    | {
        Profil.ADMIN_DEPARTEMENT,
        Profil.TRAVAILLEUR_SOCIAL,
        Profil.BAILLEUR_REFERENT,
        Profil.RESERVATAIRE,
        Profil.COLLECTIVITE,
        Profil.MEMBRE_COMMISSION,  # the representatives of households sit as such
        Profil.TETE_DE_RESEAU,
    }
)


def departements_lus(actor: Actor) -> tuple[str, ...]:
    """Return the départements whose grid the actor reads, its own first."""
    return (actor.departement_code, *(c for c in actor.departements if c != actor.departement_code))


def _chez_lui(actor: Actor, version: Any) -> bool:
    return version is None or version.departement_code in departements_lus(actor)


@policy(Permission.GRILLES_LIRE)
def peut_lire(actor: Actor, version: Any) -> bool:
    """The national grid to every partner; that of a département, drafts included, to its own."""
    if actor.profil not in LECTEURS:
        return False
    return _chez_lui(actor, version) or version.departement_code is None


@policy(Permission.GRILLES_MODIFIER)
def peut_modifier(actor: Actor, version: Any) -> bool:
    """State and SIAO write the grid of their département."""
    return actor.profil in ETAT | SIAO and _chez_lui(actor, version)


@policy(Permission.GRILLES_ENGAGER)
def peut_engager(actor: Actor, version: Any) -> bool:
    """The State's pilot and the SIAO's direction validate and publish for their party."""
    return actor.profil in ENGAGENT and _chez_lui(actor, version)
