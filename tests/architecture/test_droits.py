"""The rights, as tables that a person can read: which guard each route carries, what each profile may do.

Changing a guard or a policy without changing these tables is an error (domaine.md § 10.1 to 10.3).
"""

from pathlib import Path

import pytest
from flask import Flask

from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import ETAT, OPERATEUR, SIAO, Permission, Profil
from portal.security.policy import Actor, can, registered

P = Profil
TOUS = frozenset(Profil)
PILOTES = ETAT | SIAO
ADMINISTRATIONS = frozenset({P.ADMIN_TECHNIQUE, P.ADMIN_DEPARTEMENT, P.ADMIN_ORGANISATION})
LECTEURS = PILOTES | OPERATEUR | {P.ADMIN_DEPARTEMENT}

MATRICE: dict[Permission, frozenset[Profil]] = {
    Permission.COMPTE_GERER_LE_SIEN: TOUS,
    Permission.TRAVAUX_LIRE: TOUS,
    Permission.COMPTES_LIRE: ADMINISTRATIONS | {P.ETAT_PILOTE, P.SIAO_DIRECTION, P.OPERATEUR_DIRECTION},
    Permission.COMPTES_INVITER: ADMINISTRATIONS,
    Permission.COMPTES_MODIFIER: ADMINISTRATIONS,
    Permission.ORGANISATIONS_LIRE: TOUS - {P.OBSERVATEUR_AGREGE},
    Permission.ORGANISATIONS_OUVRIR: frozenset({P.ADMIN_TECHNIQUE, P.ADMIN_DEPARTEMENT}),
    Permission.ORGANISATIONS_MODIFIER: ADMINISTRATIONS | {P.SIAO_DIRECTION, P.OPERATEUR_DIRECTION},
    Permission.ORGANISATIONS_FUSIONNER: frozenset({P.ADMIN_DEPARTEMENT}),
    Permission.ORGANISATIONS_IMPORTER: frozenset({P.ADMIN_DEPARTEMENT}),
    Permission.STRUCTURES_MODIFIER: SIAO | OPERATEUR | {P.ADMIN_DEPARTEMENT, P.ADMIN_ORGANISATION},
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
    Permission.CONVENTIONS_PROGRESSION: LECTEURS | {P.COLLECTIVITE, P.TETE_DE_RESEAU, P.OBSERVATEUR_AGREGE},
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
