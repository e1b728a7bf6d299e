"""Who may ask a household for an authorisation, collect it and withdraw it (domaine.md § 10.3, « Accord »).

Whoever accompanies the household; whoever sees the household reads where its authorisations stand. The
household itself acts by its receipt, which is no account.
"""

from portal.grilles.menages.policies import ACCOMPAGNENT, Vise, accompagne
from portal.security.permissions import Permission
from portal.security.policy import Actor, policy


@policy(Permission.AUTORISATIONS_RECUEILLIR)
def peut_recueillir(actor: Actor, obj: Vise | None) -> bool:
    """Whoever accompanies it."""
    return actor.profil in ACCOMPAGNENT if obj is None else accompagne(actor, obj)
