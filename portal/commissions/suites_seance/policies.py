"""Who may do what after a session (domaine.md §§ 7.7, 7.8, 10.3).

The object is a `Vise` of the commission, or a `Suivie` for a prescription. What one sees is said in SQL by
`queries`.
"""

from dataclasses import dataclass
from typing import Any

from portal.commissions.policies import LECTEURS, SECRETAIRES, peut_lire, peut_reunir
from portal.security.permissions import SIAO, Permission, Profil
from portal.security.policy import Actor, policy

PRESCRIPTEURS = frozenset({Profil.TRAVAILLEUR_SOCIAL, Profil.SIAO_MISSION_LOGEMENT})
CONCERNES = LECTEURS | PRESCRIPTEURS


@dataclass(frozen=True)
class Suivie:
    """A prescription as rights read it: who bears it, which secretariat follows it, where."""

    porteur_id: int | None
    secretariat_id: int
    departement_code: str


@policy(Permission.RELEVES_LIRE)
def peut_lire_releve(actor: Actor, obj: Any) -> bool:
    """Whoever reads the commission; which version, `queries.version_lue` says."""
    return peut_lire(actor, obj)


@policy(Permission.RELEVES_ECRIRE)
def peut_ecrire_releve(actor: Actor, obj: Any) -> bool:
    """The secretariat."""
    return peut_reunir(actor, obj)


@policy(Permission.RELEVES_APPROUVER)
def peut_approuver(actor: Actor, obj: Any) -> bool:
    """Each organisation that chairs, for itself (§ 7.8: « validation par la présidence »)."""
    return actor.profil in SECRETAIRES | {Profil.MEMBRE_COMMISSION} and (
        obj is None or actor.organisation_id in obj.president
    )


@policy(Permission.DECISIONS_LIRE)
def peut_lire_decision(actor: Actor, _obj: Any) -> bool:
    """`queries.decisions_lues` says which."""
    return actor.profil in CONCERNES


@policy(Permission.PRESCRIPTIONS_LIRE)
def peut_voir_prescriptions(actor: Actor, _obj: Any) -> bool:
    """`queries.prescriptions_lues` says which."""
    return actor.profil in CONCERNES


def tient_le_secretariat(actor: Actor, obj: Suivie) -> bool:
    """Tell whether the actor follows a prescription for the commission: its secretariat, or the SIAO."""
    if actor.profil in SIAO:
        return obj.departement_code in actor.departements
    return actor.profil in SECRETAIRES and actor.organisation_id == obj.secretariat_id


@policy(Permission.PRESCRIPTIONS_SUIVRE)
def peut_suivre(actor: Actor, obj: Any) -> bool:
    """Its bearer, the secretariat of the commission, the SIAO of the département."""
    if actor.profil not in CONCERNES:
        return False
    if obj is None:
        return True
    return obj.porteur_id in (actor.organisation_id, *actor.absorbees) or tient_le_secretariat(actor, obj)


@policy(Permission.DOSSIERS_RECOURIR)
def peut_recourir(actor: Actor, obj: Any) -> bool:
    """The prescriber of the dossier, or who accompanies the household after them (§ 7.7)."""
    if actor.profil not in PRESCRIPTEURS:
        return False
    if obj is None:
        return True
    sienne = obj.organisation_id in (actor.organisation_id, *actor.absorbees)
    return sienne and actor.personne_id in (obj.prescripteur_id, obj.menage.referent_id)


@policy(Permission.RECOURS_INSTRUIRE)
def peut_instruire(actor: Actor, obj: Any) -> bool:
    """The secretariat."""
    return peut_reunir(actor, obj)
