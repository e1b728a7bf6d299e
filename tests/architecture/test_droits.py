"""The rights, as tables that a person can read: which guard each route carries, what each profile may do.

Changing a guard or a policy without changing these tables is an error (domaine.md § 10.1 to 10.3).
"""

from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from portal.commissions.dossiers.policies import Regard
from portal.commissions.dossiers.policies import Vise as DossierVise
from portal.commissions.models_dossiers import Dossier
from portal.grilles.menages.enums import Lien
from portal.grilles.menages.models import Menage
from portal.grilles.menages.policies import Vise as MenageVise
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, can, registered

P = Profil
TOUS = frozenset(Profil)
PILOTES = ETAT | SIAO
ADMINISTRATIONS = frozenset({P.ADMIN_TECHNIQUE, P.ADMIN_DEPARTEMENT, P.ADMIN_ORGANISATION})
LECTEURS = PILOTES | OPERATEUR | {P.ADMIN_DEPARTEMENT}
COMMISSIONS = (
    PILOTES
    | OPERATEUR
    | {P.BAILLEUR_REFERENT, P.RESERVATAIRE, P.COLLECTIVITE, P.MEMBRE_COMMISSION, P.TETE_DE_RESEAU}
)

MATRICE: dict[Permission, frozenset[Profil]] = {
    Permission.COMPTE_GERER_LE_SIEN: TOUS,
    Permission.TRAVAUX_LIRE: TOUS,
    Permission.COMPTES_LIRE: ADMINISTRATIONS | {P.ETAT_PILOTE, P.SIAO_DIRECTION, P.OPERATEUR_DIRECTION},
    Permission.COMPTES_INVITER: ADMINISTRATIONS,
    Permission.COMPTES_MODIFIER: ADMINISTRATIONS,
    Permission.COMPTES_PASSER: TOUS,
    Permission.ORGANISATIONS_LIRE: TOUS - {P.OBSERVATEUR_AGREGE},
    Permission.ORGANISATIONS_OUVRIR: frozenset({P.ADMIN_TECHNIQUE, P.ADMIN_DEPARTEMENT}),
    Permission.ORGANISATIONS_MODIFIER: ADMINISTRATIONS | {P.SIAO_DIRECTION, P.OPERATEUR_DIRECTION},
    Permission.ORGANISATIONS_FUSIONNER: frozenset({P.ADMIN_DEPARTEMENT}),
    Permission.ORGANISATIONS_IMPORTER: frozenset({P.ADMIN_DEPARTEMENT}),
    Permission.STRUCTURES_MODIFIER: SIAO | OPERATEUR | {P.ADMIN_DEPARTEMENT, P.ADMIN_ORGANISATION},
    Permission.ANNUAIRE_LIRE: TOUS - {P.ADMIN_TECHNIQUE, P.OBSERVATEUR_AGREGE},
    Permission.ANNUAIRE_MODIFIER: SIAO
    | OPERATEUR
    | {P.ADMIN_DEPARTEMENT, P.ADMIN_ORGANISATION, P.BAILLEUR_REFERENT, P.COLLECTIVITE},
    Permission.ANNUAIRE_FONCTIONS: frozenset({P.SIAO_DIRECTION}),
    Permission.ANNUAIRE_EXPORTER: TOUS - {P.ADMIN_TECHNIQUE, P.OBSERVATEUR_AGREGE, P.INVITE_PONCTUEL},
    Permission.ANNUAIRE_SUIVRE: PILOTES
    | OPERATEUR
    | {P.ADMIN_DEPARTEMENT, P.ADMIN_ORGANISATION, P.BAILLEUR_REFERENT, P.COLLECTIVITE},
    Permission.ANNUAIRE_MODERER: SIAO,
    Permission.CONVENTIONS_LIRE: LECTEURS,
    Permission.CONVENTIONS_EXPORTER: LECTEURS,
    Permission.CONVENTIONS_CREER: PILOTES,
    Permission.CONVENTIONS_MODIFIER: PILOTES,
    Permission.CONVENTIONS_CLASSER_SANS_OBJET: PILOTES,
    Permission.CONVENTIONS_COPIER_SI_SIAO: PILOTES,
    Permission.CONVENTIONS_IMPORTER: PILOTES,
    Permission.CONVENTIONS_SUSPENDRE: ETAT,
    Permission.CONVENTIONS_ENREGISTRER_SIGNATURE: PILOTES | {P.OPERATEUR_DIRECTION},
    Permission.CONVENTIONS_RESILIER: PILOTES | {P.OPERATEUR_DIRECTION},
    Permission.REDACTION_NEGOCIER: PILOTES | {P.OPERATEUR_DIRECTION},
    Permission.REDACTION_FORME: ETAT,
    Permission.SIGNATURE_SIGNER: PILOTES | {P.OPERATEUR_DIRECTION},
    Permission.SIGNATURE_DELEGUER: frozenset({P.ETAT_PILOTE, P.SIAO_DIRECTION, P.OPERATEUR_DIRECTION}),
    Permission.CONVENTIONS_PROGRESSION: LECTEURS | {P.COLLECTIVITE, P.TETE_DE_RESEAU, P.OBSERVATEUR_AGREGE},
    Permission.TOURS_LIRE: PILOTES | OPERATEUR,
    Permission.TOURS_PILOTER: PILOTES,
    Permission.TOURS_REPONDRE: frozenset({P.OPERATEUR_DIRECTION}),
    Permission.BILANS_REDIGER: SIAO | {P.OPERATEUR_DIRECTION},
    Permission.BILANS_SUIVRE: PILOTES,
    Permission.MODELES_LIRE: LECTEURS | {P.COLLECTIVITE},
    Permission.MODELES_MODIFIER: PILOTES,
    Permission.MODELES_ENGAGER: frozenset({P.ETAT_PILOTE, P.SIAO_DIRECTION}),
    Permission.GRILLES_LIRE: TOUS
    - {P.ADMIN_TECHNIQUE, P.ADMIN_ORGANISATION, P.INVITE_PONCTUEL, P.OBSERVATEUR_AGREGE},
    Permission.GRILLES_MODIFIER: PILOTES,
    Permission.GRILLES_ENGAGER: frozenset({P.ETAT_PILOTE, P.SIAO_DIRECTION}),
    Permission.MENAGES_LIRE: SIAO | {P.TRAVAILLEUR_SOCIAL},
    Permission.MENAGES_OUVRIR: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.MENAGES_MODIFIER: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.MENAGES_DEMANDER: frozenset({P.TRAVAILLEUR_SOCIAL}),
    Permission.GRILLES_REMPLIR: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.AUTORISATIONS_RECUEILLIR: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.MENAGES_CONFIER: frozenset({P.ADMIN_ORGANISATION}),
    Permission.COMMISSIONS_LIRE: COMMISSIONS,
    Permission.COMMISSIONS_CONFIGURER: PILOTES,
    Permission.COMMISSIONS_VALIDER: ETAT,
    Permission.COMMISSIONS_REUNIR: PILOTES | {P.COLLECTIVITE, P.OPERATEUR_DIRECTION, P.BAILLEUR_REFERENT},
    Permission.COMMISSIONS_SUIVRE: COMMISSIONS,
    Permission.TRANSMISSIONS_ENVOYER: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.TRANSMISSIONS_LIRE: OPERATEUR | {P.BAILLEUR_REFERENT, P.RESERVATAIRE},
    Permission.TRANSMISSIONS_REPONDRE: OPERATEUR | {P.BAILLEUR_REFERENT, P.RESERVATAIRE},
    Permission.TRANSMISSIONS_RELIRE: SIAO,
    Permission.MENAGES_EFFACER: frozenset({P.SIAO_DIRECTION, P.SIAO_MISSION_LOGEMENT}),
    Permission.DOSSIERS_DEPOSER: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.DOSSIERS_LIRE: COMMISSIONS | {P.TRAVAILLEUR_SOCIAL},
    Permission.DOSSIERS_INSTRUIRE: PILOTES | {P.COLLECTIVITE, P.OPERATEUR_DIRECTION, P.BAILLEUR_REFERENT},
    Permission.DOSSIERS_AVISER: COMMISSIONS,
    Permission.DOSSIERS_SUIVRE: COMMISSIONS,
    Permission.DOSSIERS_DECIDER: PILOTES | {P.COLLECTIVITE, P.OPERATEUR_DIRECTION, P.BAILLEUR_REFERENT},
    Permission.RELEVES_LIRE: COMMISSIONS,
    Permission.RELEVES_ECRIRE: PILOTES | {P.COLLECTIVITE, P.OPERATEUR_DIRECTION, P.BAILLEUR_REFERENT},
    Permission.RELEVES_APPROUVER: PILOTES
    | {P.COLLECTIVITE, P.OPERATEUR_DIRECTION, P.BAILLEUR_REFERENT, P.MEMBRE_COMMISSION},
    Permission.DECISIONS_LIRE: COMMISSIONS | {P.TRAVAILLEUR_SOCIAL},
    Permission.PRESCRIPTIONS_LIRE: COMMISSIONS | {P.TRAVAILLEUR_SOCIAL},
    Permission.PRESCRIPTIONS_SUIVRE: COMMISSIONS | {P.TRAVAILLEUR_SOCIAL},
    Permission.DOSSIERS_RECOURIR: frozenset({P.TRAVAILLEUR_SOCIAL, P.SIAO_MISSION_LOGEMENT}),
    Permission.RECOURS_INSTRUIRE: PILOTES | {P.COLLECTIVITE, P.OPERATEUR_DIRECTION, P.BAILLEUR_REFERENT},
    Permission.PARAMETRES_MODIFIER: frozenset({P.ADMIN_DEPARTEMENT, P.ETAT_PILOTE}),
    Permission.TECHNIQUE_SUPERVISER: frozenset({P.ADMIN_TECHNIQUE}),
}


def someone(profil: Profil) -> Actor:
    return Actor(
        personne_id=1,
        personne_ref="personne",
        nom="Camille Exemple",
        email="camille@partenaire.example",
        adhesion_id=1,
        adhesion_ref="adhesion",
        profil=profil,
        organisation_id=1,
        organisation_ref="organisation",
        organisation_nom="Organisation",
        organisation_type=TypeOrganisation.ETAT.value,
        departement_code="22",
        departements=("22",),
    )


def granted(permission: Permission) -> frozenset[Profil]:
    return frozenset(profil for profil in Profil if can(someone(profil), permission))


@pytest.mark.parametrize("permission", list(Permission), ids=lambda p: p.value)
def test_each_permission_belongs_to_the_profiles_of_the_matrix(app: Flask, permission: Permission) -> None:
    assert granted(permission) == MATRICE[permission]


# Of the policies that look at their object, those of a row of one's own organisation or département: asked
# by someone of this profile.
SUR_LES_SIENS: dict[Permission, Profil] = {
    Permission.ORGANISATIONS_MODIFIER: P.SIAO_DIRECTION,
    Permission.ORGANISATIONS_FUSIONNER: P.ADMIN_DEPARTEMENT,
    Permission.STRUCTURES_MODIFIER: P.OPERATEUR_DIRECTION,
    Permission.ANNUAIRE_MODIFIER: P.OPERATEUR_DIRECTION,
    Permission.CONVENTIONS_LIRE: P.OPERATEUR_DIRECTION,
    Permission.CONVENTIONS_EXPORTER: P.OPERATEUR_DIRECTION,
    Permission.CONVENTIONS_CREER: P.SIAO_DIRECTION,
    Permission.CONVENTIONS_MODIFIER: P.SIAO_DIRECTION,
    Permission.CONVENTIONS_CLASSER_SANS_OBJET: P.SIAO_DIRECTION,
    Permission.CONVENTIONS_COPIER_SI_SIAO: P.SIAO_DIRECTION,
    Permission.CONVENTIONS_IMPORTER: P.SIAO_DIRECTION,
    Permission.CONVENTIONS_SUSPENDRE: P.ETAT_PILOTE,
    Permission.CONVENTIONS_ENREGISTRER_SIGNATURE: P.OPERATEUR_DIRECTION,
    Permission.CONVENTIONS_RESILIER: P.OPERATEUR_DIRECTION,
    Permission.REDACTION_NEGOCIER: P.OPERATEUR_DIRECTION,
    Permission.REDACTION_FORME: P.ETAT_PILOTE,
    Permission.SIGNATURE_SIGNER: P.OPERATEUR_DIRECTION,
    Permission.TOURS_LIRE: P.OPERATEUR_DIRECTION,
    Permission.TOURS_PILOTER: P.SIAO_DIRECTION,
    Permission.TOURS_REPONDRE: P.OPERATEUR_DIRECTION,
    Permission.BILANS_REDIGER: P.OPERATEUR_DIRECTION,
    Permission.BILANS_SUIVRE: P.SIAO_DIRECTION,
    Permission.TRANSMISSIONS_LIRE: P.BAILLEUR_REFERENT,
    Permission.TRANSMISSIONS_REPONDRE: P.BAILLEUR_REFERENT,
    Permission.COMMISSIONS_LIRE: P.BAILLEUR_REFERENT,
    Permission.COMMISSIONS_CONFIGURER: P.SIAO_DIRECTION,
    Permission.COMMISSIONS_VALIDER: P.ETAT_PILOTE,
    Permission.COMMISSIONS_REUNIR: P.COLLECTIVITE,
    Permission.COMMISSIONS_SUIVRE: P.BAILLEUR_REFERENT,
    Permission.DOSSIERS_INSTRUIRE: P.COLLECTIVITE,
    Permission.DOSSIERS_DECIDER: P.COLLECTIVITE,
    Permission.RELEVES_LIRE: P.BAILLEUR_REFERENT,
    Permission.RELEVES_ECRIRE: P.COLLECTIVITE,
    Permission.RELEVES_APPROUVER: P.MEMBRE_COMMISSION,
    Permission.PRESCRIPTIONS_SUIVRE: P.BAILLEUR_REFERENT,
    Permission.RECOURS_INSTRUIRE: P.COLLECTIVITE,
}


def row_of(organisation_id: int, departement_code: str) -> SimpleNamespace:
    """Return a row under the names by which policies read whose it is: every party is one organisation."""
    keys = ("id", "organisation_id", "siao_id", "operateur_id", "etat_id", "secretariat_id", "porteur_id")
    groups = ("siegent", "president", "operateurs")
    return SimpleNamespace(
        departement_code=departement_code,
        type=TypeOrganisation.GESTIONNAIRE,
        **dict.fromkeys(keys, organisation_id),
        **dict.fromkeys(groups, frozenset({organisation_id})),
    )


@pytest.mark.parametrize("permission", SUR_LES_SIENS, ids=lambda p: p.value)
def test_a_policy_says_whose_row_it_is(app: Flask, permission: Permission) -> None:
    actor = someone(SUR_LES_SIENS[permission])
    assert can(actor, permission, row_of(actor.organisation_id, actor.departement_code))
    assert not can(actor, permission, row_of(2, "37"))


def test_a_signature_is_delegated_within_one_s_own_organisation(app: Flask) -> None:
    actor = someone(P.SIAO_DIRECTION)
    assert can(actor, Permission.SIGNATURE_DELEGUER, actor.organisation_id)
    assert not can(actor, Permission.SIGNATURE_DELEGUER, 2)


def test_only_who_accompanies_a_household_presents_its_dossier(app: Flask) -> None:
    worker, menage = someone(P.TRAVAILLEUR_SOCIAL), Menage(clos_le=None, organisation_id=2)
    dossier = Dossier(organisation_id=2)
    for lien, regard, presents in (
        (Lien.REFERENT, Regard.PRESCRIPTEUR, True),
        (Lien.ACCES, Regard.MEMBRE, False),  # a colleague for a time; who sits in the session
    ):
        objects = (
            MenageVise(menage, lien),
            DossierVise(dossier, frozenset({regard}), worker.organisation_id),
        )
        assert {can(worker, Permission.DOSSIERS_DEPOSER, one) for one in objects} == {presents}


def test_every_permission_has_a_policy_and_nobody_signed_out_has_any(app: Flask) -> None:
    assert registered() == frozenset(Permission)
    assert not any(can(None, permission) for permission in Permission)


def test_each_route_carries_the_guard_of_the_inventory(app: Flask) -> None:
    expected = {}
    for line in (Path(__file__).parent / "gardes.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            guard, routes = line.split(" = ")
            blueprint, names = routes.split(": ")
            expected |= {f"{blueprint}.{name}": guard for name in names.split()}
    actual = {}
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "garde", "aucune")
        actual[rule.endpoint] = guard.value if isinstance(guard, Permission) else guard
    assert actual == expected
