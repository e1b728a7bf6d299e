"""Who fills the grid of a household: whoever accompanies it (domaine.md § 10.3, « Grille »)."""

from portal.grilles.menages.policies import ACCOMPAGNENT, Vise, accompagne
from portal.security.permissions import Permission
from portal.security.policy import Actor, policy


@policy(Permission.GRILLES_REMPLIR)
def peut_remplir(actor: Actor, obj: Vise | None) -> bool:
    """Its referent, who stands in for them, or the housing mission that accompanies it itself."""
    return actor.profil in ACCOMPAGNENT if obj is None else accompagne(actor, obj)
