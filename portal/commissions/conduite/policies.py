"""Who follows a session while it is held, who conducts it (domaine.md § 10.3, « Décisions »).

Those who come follow it; `queries.suivie` says who comes. The secretariat conducts it: it opens and closes
the session and writes what the presidents state. The object is the commission.
"""

from typing import Any

from portal.commissions.policies import LECTEURS, SECRETAIRES
from portal.security.permissions import Permission
from portal.security.policy import Actor, policy


@policy(Permission.DOSSIERS_SUIVRE)
def peut_suivre(actor: Actor, obj: Any) -> bool:
    """Whoever may sit in a commission."""
    return actor.profil in LECTEURS


@policy(Permission.DOSSIERS_DECIDER)
def peut_decider(actor: Actor, obj: Any) -> bool:
    """The secretariat of the commission."""
    if actor.profil not in SECRETAIRES:
        return False
    ici = obj is None or obj.departement_code in actor.departements
    return ici and (obj is None or obj.secretariat_id == actor.organisation_id)
