"""Removing any one guard shows: each policy and each scope is opened in turn, and the walk must complain."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, true
from sqlalchemy.orm import Session

import portal.comptes.queries as comptes_queries
import portal.conventions.queries as conventions_queries
import portal.jobs.service as jobs_service
import portal.organisations.queries as organisations_queries
from portal.jobs.models import Travail
from portal.security import policy
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor
from tests.architecture.test_droits import MATRICE, granted
from tests.campaigns.conftest import SHORT
from tests.integration.test_parcours import PROFILS, walk
from tests.monde import Monde, build

pytestmark = pytest.mark.campaign

WALKERS = (
    Profil.OPERATEUR_DIRECTION,
    Profil.SIAO_DIRECTION,
    Profil.ETAT_PILOTE,
    Profil.ADMIN_ORGANISATION,
    Profil.ADMIN_DEPARTEMENT,
    Profil.BAILLEUR_REFERENT,
)
SCOPES = {
    "conventions.portee": (conventions_queries, "portee", lambda actor: true()),
    "organisations.visible_to": (organisations_queries, "visible_to", lambda actor: true()),
    "structures.visible_to": (organisations_queries, "structures_visible_to", lambda actor: true()),
    "comptes.visible_to": (comptes_queries, "visible_to", lambda actor: true()),
    "travaux.visible_to": (jobs_service, "visible_to", lambda actor: select(Travail)),
}


@pytest.fixture
def monde(session: Session, factories: SimpleNamespace) -> Monde:
    return build(session, factories)


@pytest.fixture
def complaints(
    app: Flask,
    monde: Monde,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
) -> Callable[[], list[str]]:
    """Return a function walking as a few profiles until something is wrong."""

    def look() -> list[str]:
        for profil in WALKERS:
            actor = actor_for(profil, monde.sien.organisations[PROFILS[profil]])
            wrong = walk(app, client_for(actor), monde, actor, depth=2 if SHORT else 20)
            if wrong:
                return wrong
        return []

    return look


def test_the_complete_walk_finds_nothing(complaints: Callable[[], list[str]]) -> None:
    assert complaints() == []


@pytest.mark.parametrize("permission", list(Permission)[:: 5 if SHORT else 1], ids=lambda p: p.value)
def test_opening_a_policy_shows(
    app: Flask,
    complaints: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    permission: Permission,
) -> None:
    monkeypatch.setitem(policy._POLICIES, permission, lambda actor, obj: True)
    assert (
        granted(permission) != MATRICE[permission]
        or complaints()
        or permission
        in {
            Permission.COMPTE_GERER_LE_SIEN,  # everyone's, on their own account
            Permission.TRAVAUX_LIRE,  # everyone's, within the scope tested below
        }
    )


@pytest.mark.parametrize("scope", SCOPES)
def test_opening_a_scope_shows(
    app: Flask, complaints: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    module, name, opened = SCOPES[scope]
    monkeypatch.setattr(module, name, opened)
    assert complaints()
