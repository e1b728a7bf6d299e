"""Who signs (domaine.md § 10.3, « CTP : signature »): State, SIAO, and the direction of the operator.

Within a party, its direction signs by function, and whoever it delegated; `delegations.habilitation` tells.
"""

from typing import Any

from portal.conventions.avis import DIRECTIONS
from portal.conventions.policies import est_sienne, partie_de
from portal.security.permissions import Permission
from portal.security.policy import Actor, policy


@policy(Permission.SIGNATURE_SIGNER)
def peut_signer(actor: Actor, ligne: Any) -> bool:
    """Someone of the three parties, on its own lines; the delegation is checked by the act."""
    return partie_de(actor) is not None and est_sienne(actor, ligne)


@policy(Permission.SIGNATURE_DELEGUER)
def peut_deleguer(actor: Actor, organisation_id: Any) -> bool:
    """Those who sign by function, for their own organisation."""
    return actor.profil in DIRECTIONS and organisation_id in (None, actor.organisation_id)
