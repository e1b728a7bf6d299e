"""Who may give, change and withdraw access (domaine.md § 10.1, 10.2; S2: « procédures d'habilitation »)."""

from dataclasses import dataclass

from portal.comptes.territoire import OrganisationLue
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, allow_profiles, policy

# Profiles natural to each type of organisation (values of the organisations room's TypeOrganisation).
# `invite_ponctuel` is given by a commission, for its time.
PROFILS_NATURELS: dict[str, tuple[Profil, ...]] = {
    "etat": (
        Profil.ADMIN_ORGANISATION,
        Profil.ETAT_PILOTE,
        Profil.ETAT_AGENT,
        Profil.MEMBRE_COMMISSION,
        Profil.OBSERVATEUR_AGREGE,
    ),
    "siao": (
        Profil.ADMIN_ORGANISATION,
        Profil.SIAO_DIRECTION,
        Profil.SIAO_REGULATEUR,
        Profil.SIAO_MISSION_LOGEMENT,
        Profil.MEMBRE_COMMISSION,
    ),
    "gestionnaire": (
        Profil.ADMIN_ORGANISATION,
        Profil.OPERATEUR_DIRECTION,
        Profil.GESTIONNAIRE_STRUCTURE,
        Profil.TRAVAILLEUR_SOCIAL,
        Profil.MEMBRE_COMMISSION,
    ),
    "bailleur": (Profil.ADMIN_ORGANISATION, Profil.BAILLEUR_REFERENT, Profil.MEMBRE_COMMISSION),
    "collectivite": (
        Profil.ADMIN_ORGANISATION,
        Profil.COLLECTIVITE,
        Profil.TRAVAILLEUR_SOCIAL,
        Profil.MEMBRE_COMMISSION,
        Profil.OBSERVATEUR_AGREGE,
    ),
    "reservataire": (Profil.ADMIN_ORGANISATION, Profil.RESERVATAIRE, Profil.MEMBRE_COMMISSION),
    "sante": (Profil.ADMIN_ORGANISATION, Profil.TRAVAILLEUR_SOCIAL, Profil.MEMBRE_COMMISSION),
    "tete_de_reseau": (Profil.ADMIN_ORGANISATION, Profil.TETE_DE_RESEAU, Profil.OBSERVATEUR_AGREGE),
    "autre": (
        Profil.ADMIN_ORGANISATION,
        Profil.TRAVAILLEUR_SOCIAL,
        Profil.MEMBRE_COMMISSION,
        Profil.OBSERVATEUR_AGREGE,
    ),
}

ADMINISTRATEURS = frozenset({Profil.ADMIN_TECHNIQUE, Profil.ADMIN_DEPARTEMENT, Profil.ADMIN_ORGANISATION})
# Those who answer for a team see who has access to it.
DIRECTIONS = frozenset({Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION})


@dataclass(frozen=True)
class Acces:
    """What is changed: one membership, or a whole account (no profile, no organisation)."""

    personne_id: int
    profil: Profil | None = None
    organisation: OrganisationLue | None = None


def grantable(actor: Actor, organisation: OrganisationLue) -> tuple[Profil, ...]:
    """Return the profiles that the actor may give in an organisation.

    An organisation's administrator gives those natural to its type. The département's administrator (State)
    does so in its own service and gives their administrator to the others whose home is in its départements:
    merely working there is not enough, or whoever attaches an operator could enter what it does elsewhere.
    The technical administrator opens the State's services and replaces missing administrators, and gives
    nothing that reads the domain.
    """
    own = organisation.id == actor.organisation_id
    natural = PROFILS_NATURELS.get(organisation.type, ())
    if actor.profil is Profil.ADMIN_ORGANISATION:
        return natural if own else ()
    if actor.profil is Profil.ADMIN_DEPARTEMENT:
        if own:
            return (Profil.ADMIN_DEPARTEMENT, *natural)
        home = organisation.departement_code in actor.departements
        return (Profil.ADMIN_ORGANISATION,) if home and organisation.type != "etat" else ()
    if actor.profil is Profil.ADMIN_TECHNIQUE:
        state = (Profil.ADMIN_DEPARTEMENT,) if organisation.type == "etat" else ()
        return (Profil.ADMIN_ORGANISATION, *state, *((Profil.ADMIN_TECHNIQUE,) if own else ()))
    return ()


allow_profiles(Permission.COMPTE_GERER_LE_SIEN, *Profil)


@policy(Permission.COMPTES_LIRE)
def may_read(actor: Actor, obj: OrganisationLue | None) -> bool:
    """See the accounts of one's organisation; administrators: of those they give an administrator to."""
    if actor.profil not in ADMINISTRATEURS | DIRECTIONS:
        return False
    return obj is None or obj.id == actor.organisation_id or bool(grantable(actor, obj))


@policy(Permission.COMPTES_INVITER)
def may_invite(actor: Actor, obj: OrganisationLue | None) -> bool:
    """Invite people to an organisation, with the profiles of `grantable`."""
    return bool(grantable(actor, obj)) if obj is not None else actor.profil in ADMINISTRATEURS


@policy(Permission.COMPTES_MODIFIER)
def may_edit(actor: Actor, obj: Acces | None) -> bool:
    """Change or withdraw what one may give, never one's own; whole accounts: the technical administrator."""
    if actor.profil not in ADMINISTRATEURS:
        return False
    if obj is None:
        return True
    if obj.personne_id == actor.personne_id:
        return False
    if actor.profil is Profil.ADMIN_TECHNIQUE:
        return True
    return obj.organisation is not None and obj.profil in grantable(actor, obj.organisation)


@policy(Permission.COMPTES_PASSER)
def may_hand_over(actor: Actor, obj: Acces | None) -> bool:
    """Hand over what one holds oneself, or what someone holds whose access one may withdraw in one's team."""
    if obj is None:
        return True
    if obj.organisation is None or obj.organisation.id != actor.organisation_id:
        return False
    return obj.personne_id == actor.personne_id or may_edit(actor, obj)
