"""Who may do what to the directory (domaine.md § 10.3, line « Annuaire »; § 10.2: shared among partners).

An entry is read by its attributes alone: `organisation_id`, `departement_code`.
"""

from typing import Any

from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, allow_profiles, policy

# Read the directory of the départements where their organisation works.
LECTEURS = (
    ETAT
    | SIAO
    | OPERATEUR
    | {
        Profil.ADMIN_DEPARTEMENT,
        Profil.ADMIN_ORGANISATION,
        Profil.TRAVAILLEUR_SOCIAL,
        Profil.BAILLEUR_REFERENT,
        Profil.RESERVATAIRE,
        Profil.COLLECTIVITE,
        Profil.MEMBRE_COMMISSION,
        Profil.INVITE_PONCTUEL,
        Profil.TETE_DE_RESEAU,
    }
)

# Write the entries of their own organisation. The State's and the réservataires' are kept by their
# administrators: the matrix lets their agents read.
_LES_SIENS = OPERATEUR | {
    Profil.ADMIN_ORGANISATION,
    Profil.ADMIN_DEPARTEMENT,
    Profil.BAILLEUR_REFERENT,
    Profil.COLLECTIVITE,
}

allow_profiles(Permission.ANNUAIRE_LIRE, *LECTEURS)
# Take away the list: the partners of the départements, not whoever is invited once.
allow_profiles(Permission.ANNUAIRE_EXPORTER, *(LECTEURS - {Profil.INVITE_PONCTUEL}))
# How fresh the directory is: the SIAO and the State in their départements, the others for their own entries.
allow_profiles(Permission.ANNUAIRE_SUIVRE, *(SIAO | ETAT | _LES_SIENS))
allow_profiles(Permission.ANNUAIRE_MODERER, *SIAO)


@policy(Permission.ANNUAIRE_MODIFIER)
def may_edit(actor: Actor, obj: Any) -> bool:
    """The SIAO in its département (§ 10.3: « E V »), the others for their own organisation (« E° »)."""
    if obj is not None and obj.departement_code not in actor.departements:
        return False
    if actor.profil in SIAO:
        return True
    return actor.profil in _LES_SIENS and (obj is None or bool(obj.organisation_id == actor.organisation_id))


@policy(Permission.ANNUAIRE_FONCTIONS)
def may_extend(actor: Actor, obj: str | None) -> bool:
    """Add a function to the list of a département (its code): the direction of its SIAO."""
    return actor.profil is Profil.SIAO_DIRECTION and (obj is None or obj in actor.departements)
