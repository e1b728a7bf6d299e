"""Who may read and write the models (domaine.md § 10.3: « modèle national », « version départementale »).

The object is a version of a département, read by `departement_code` and `statut` only.
"""

from typing import Any

from portal.conventions.enums import Partie
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.policies import partie_de
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, policy

LECTEURS = ETAT | SIAO | OPERATEUR | {Profil.ADMIN_DEPARTEMENT, Profil.COLLECTIVITE}
ENGAGENT = frozenset({Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION})
"""Profiles that bind their party: they validate, publish and adopt."""


def departements_lus(actor: Actor) -> tuple[str, ...]:
    """Return the départements whose model the actor reads, its own first."""
    if actor.profil in ETAT or actor.profil is Profil.ADMIN_DEPARTEMENT:
        return (actor.departement_code,)
    return (actor.departement_code, *(c for c in actor.departements if c != actor.departement_code))


def _chez_lui(actor: Actor, version: Any) -> bool:
    return version is None or version.departement_code in departements_lus(actor)


@policy(Permission.MODELES_LIRE)
def peut_lire(actor: Actor, version: Any) -> bool:
    """Published versions to those who sign or read CTPs of the département; a draft to State and SIAO."""
    if actor.profil not in LECTEURS or not _chez_lui(actor, version):
        return False
    if version is None or version.statut is StatutVersion.PUBLIEE:
        return True
    return actor.profil in ETAT | SIAO or actor.profil is Profil.ADMIN_DEPARTEMENT


@policy(Permission.MODELES_MODIFIER)
def peut_modifier(actor: Actor, version: Any) -> bool:
    """State and SIAO write the green parts of their département; an operator never does."""
    return actor.profil in ETAT | SIAO and _chez_lui(actor, version)


@policy(Permission.MODELES_ENGAGER)
def peut_engager(actor: Actor, version: Any) -> bool:
    """The State's pilot and the SIAO's direction validate, publish and adopt for their party."""
    return actor.profil in ENGAGENT and _chez_lui(actor, version)


def partie_pilote(actor: Actor) -> Partie:
    """Return the party that the actor stands for: the State, or the SIAO."""
    partie = partie_de(actor)
    assert partie in (Partie.ETAT, Partie.SIAO)
    return partie
