"""Who writes bilans and who gathers them (domaine.md § 10.3). Readers of a line read what was given."""

from typing import Any

from portal.conventions.policies import est_sienne, partie_de
from portal.security.permissions import ETAT, SIAO, Permission
from portal.security.policy import Actor, policy


@policy(Permission.BILANS_REDIGER)
def peut_rediger(actor: Actor, ligne: Any) -> bool:
    """The direction of the operator, or the SIAO, on its own lines."""
    return partie_de(actor) is not None and actor.profil not in ETAT and est_sienne(actor, ligne)


@policy(Permission.BILANS_SUIVRE)
def peut_suivre(actor: Actor, ligne: Any) -> bool:
    """State and SIAO gather them for the comité stratégique."""
    return actor.profil in ETAT | SIAO and est_sienne(actor, ligne)
