"""Who may do what with a household (domaine.md § 10.2, 10.3 « Grille »).

A worker sees only their own households; the SIAO sees all those of its département. The object is a `Vise`,
what `queries.vise` says of one household for one reader: what nobody may see has none.
"""

from dataclasses import dataclass
from typing import Any

from portal.grilles.menages.enums import Lien
from portal.grilles.menages.models import Menage
from portal.security.permissions import SIAO, Permission, Profil
from portal.security.policy import Actor, policy

ACCOMPAGNENT = frozenset({Profil.TRAVAILLEUR_SOCIAL, Profil.SIAO_MISSION_LOGEMENT})
LECTEURS = SIAO | {Profil.TRAVAILLEUR_SOCIAL}
SANS_MENAGE = frozenset({"bailleur", "reservataire", "tete_de_reseau"})
"""Types of organisation whose people accompany no household."""


@dataclass(frozen=True)
class Vise:
    """A household as rights read it: `lien`, by what right the actor sees it."""

    menage: Menage
    lien: Lien


def accompagne(actor: Actor, vise: Vise) -> bool:
    """Tell whether the actor accompanies this household, and so writes of it: its referent, who stands in for
    them, or the housing mission of the SIAO that accompanies it itself. Never once it is closed.
    """
    if vise.menage.clos_le is not None or actor.profil not in ACCOMPAGNENT:
        return False
    if vise.lien in (Lien.REFERENT, Lien.RELAIS):
        return True
    ici = vise.menage.organisation_id in (actor.organisation_id, *actor.absorbees)
    return actor.profil is Profil.SIAO_MISSION_LOGEMENT and ici


@policy(Permission.MENAGES_LIRE)
def peut_lire(actor: Actor, obj: Vise | None) -> bool:
    """Workers, each their own; the SIAO. `queries.visible_to` says which."""
    return actor.profil in LECTEURS


@policy(Permission.MENAGES_OUVRIR)
def peut_ouvrir(actor: Actor, obj: Any) -> bool:
    """Workers; the housing mission of a SIAO for those it accompanies itself."""
    return actor.profil in ACCOMPAGNENT


@policy(Permission.MENAGES_MODIFIER)
def peut_modifier(actor: Actor, obj: Vise | None) -> bool:
    """Whoever accompanies it."""
    return actor.profil in ACCOMPAGNENT if obj is None else accompagne(actor, obj)


@policy(Permission.MENAGES_DEMANDER)
def peut_demander(actor: Actor, obj: Any) -> bool:
    """Workers: the SIAO needs not ask."""
    return actor.profil is Profil.TRAVAILLEUR_SOCIAL


@policy(Permission.MENAGES_CONFIER)
def peut_confier(actor: Actor, obj: Any) -> bool:
    """The administrator of an organisation, without seeing any name."""
    return actor.profil is Profil.ADMIN_ORGANISATION and actor.organisation_type not in SANS_MENAGE


def peut_repondre(actor: Actor, vise: Vise) -> bool:
    """Answer a colleague's request: the referent, who stands in for them, or the SIAO (§ 10.2)."""
    return vise.lien is not Lien.ACCES and actor.profil in LECTEURS
