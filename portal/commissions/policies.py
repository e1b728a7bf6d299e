"""Who may do what to a commission (domaine.md § 10.3, lines « Commission »; § 10.2).

The configuration is read by the partners of the département; written by the State and the SIAO, put into
service by the State. Sessions are convened by the secretariat; who comes is read by the secretariat, the
presidents, the SIAO and the State. The object is a `Vise`, or a commission when nothing depends on seats.
"""

from dataclasses import dataclass
from typing import Any

from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, policy

# Read the commissions of their départements.
TERRITORIAUX = ETAT | SIAO | OPERATEUR | {Profil.BAILLEUR_REFERENT, Profil.RESERVATAIRE, Profil.COLLECTIVITE}
# Read those alone where their organisation sits.
SIEGEANT = frozenset({Profil.MEMBRE_COMMISSION, Profil.TETE_DE_RESEAU})
LECTEURS = TERRITORIAUX | SIEGEANT
SECRETAIRES = ETAT | SIAO | {Profil.COLLECTIVITE, Profil.OPERATEUR_DIRECTION, Profil.BAILLEUR_REFERENT}


@dataclass(frozen=True)
class Vise:
    """A commission as rights read it. `siegent`, `president`: organisations whose functions sit, chair."""

    departement_code: str
    organisation_id: int
    secretariat_id: int
    siegent: frozenset[int] = frozenset()
    president: frozenset[int] = frozenset()


def _ici(actor: Actor, obj: Any) -> bool:
    return obj.departement_code in actor.departements


@policy(Permission.COMMISSIONS_LIRE)
def peut_lire(actor: Actor, obj: Any) -> bool:
    """Partners of the département; the others where they sit. `queries.visible_to` says the same in SQL."""
    if obj is None:
        return actor.profil in LECTEURS
    if actor.profil in TERRITORIAUX:
        return _ici(actor, obj)
    return actor.profil in SIEGEANT and actor.organisation_id in obj.siegent


@policy(Permission.COMMISSIONS_CONFIGURER)
def peut_configurer(actor: Actor, obj: Any) -> bool:
    """The State in its département (« E V »), the SIAO that opened it or keeps its secretariat (« E »)."""
    if actor.profil not in ETAT | SIAO:
        return False
    if obj is None or actor.profil in ETAT:
        return obj is None or _ici(actor, obj)
    return _ici(actor, obj) and actor.organisation_id in (obj.organisation_id, obj.secretariat_id)


@policy(Permission.COMMISSIONS_VALIDER)
def peut_valider(actor: Actor, obj: Any) -> bool:
    """The State puts a commission into service (« V »)."""
    return actor.profil in ETAT and (obj is None or _ici(actor, obj))


@policy(Permission.COMMISSIONS_REUNIR)
def peut_reunir(actor: Actor, obj: Any) -> bool:
    """The secretariat plans, convenes, reminds, notes who was there."""
    if actor.profil not in SECRETAIRES:
        return False
    return obj is None or (_ici(actor, obj) and actor.organisation_id == obj.secretariat_id)


@policy(Permission.COMMISSIONS_SUIVRE)
def peut_suivre(actor: Actor, obj: Any) -> bool:
    """Read who comes: the State and the SIAO of the département, the secretariat, the presidents."""
    if obj is None:
        return actor.profil in LECTEURS
    if actor.profil in ETAT | SIAO:
        return _ici(actor, obj)
    chairs = actor.profil in LECTEURS and actor.organisation_id in obj.president
    return chairs or peut_reunir(actor, obj)
