"""Who may send a grid, read one that was received, answer it (domaine.md § 10.2, 5; § 10.3, « Grille »).

Whoever accompanies the household sends. A recipient reads what was sent to its own organisation: with what
authorisation, at this very second, is asked by `queries.ouvertes`.
"""

from typing import Any

from portal.grilles.menages.policies import ACCOMPAGNENT, Vise, accompagne
from portal.security.permissions import SIAO, Permission, Profil
from portal.security.policy import Actor, policy

DESTINATAIRES = frozenset(
    {
        Profil.BAILLEUR_REFERENT,
        Profil.RESERVATAIRE,
        Profil.GESTIONNAIRE_STRUCTURE,
        Profil.OPERATEUR_DIRECTION,
    }
)


@policy(Permission.TRANSMISSIONS_ENVOYER)
def peut_envoyer(actor: Actor, obj: Vise | None) -> bool:
    """Whoever accompanies the household."""
    return actor.profil in ACCOMPAGNENT if obj is None else accompagne(actor, obj)


def _sienne(actor: Actor, obj: Any) -> bool:
    return actor.profil in DESTINATAIRES and (obj is None or obj.organisation_id == actor.organisation_id)


@policy(Permission.TRANSMISSIONS_LIRE)
def peut_lire(actor: Actor, obj: Any) -> bool:
    """The recipient: landlord, gestionnaire, réservataire."""
    return _sienne(actor, obj)


@policy(Permission.TRANSMISSIONS_REPONDRE)
def peut_repondre(actor: Actor, obj: Any) -> bool:
    """The same."""
    return _sienne(actor, obj)


@policy(Permission.TRANSMISSIONS_RELIRE)
def peut_relire(actor: Actor, obj: Vise | None) -> bool:
    """The SIAO, of the households that it sees."""
    return actor.profil in SIAO
