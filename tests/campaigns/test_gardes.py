"""Removing any one guard shows: each policy, each scope and each policy's object are opened in turn.

A policy opened to everyone contradicts the matrix, or the walk complains; a scope opened makes the walk
complain; a policy that no longer looks at its object (whose line, which secretariat) turns tests red.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, true
from sqlalchemy.orm import Session

import portal.annuaire.fraicheur as fraicheur
import portal.annuaire.queries as annuaire_queries
import portal.commissions.conduite.queries as conduite_queries
import portal.commissions.dossiers.queries as dossiers_queries
import portal.commissions.queries as commissions_queries
import portal.commissions.suites_seance.queries as suites_queries
import portal.commissions.suites_seance.queries_recours as suites_recours
import portal.comptes.queries as comptes_queries
import portal.conventions.queries as conventions_queries
import portal.conventions.tours.queries as tours_queries
import portal.grilles.fin_de_vie.queries as fin_de_vie_queries
import portal.grilles.menages.queries as menages_queries
import portal.grilles.transmissions.queries as transmissions_queries
import portal.jobs.service as jobs_service
import portal.organisations.queries as organisations_queries
import portal.organisations.queries_structures as queries_structures
from portal.jobs.models import Travail
from portal.security import policy
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor
from tests.architecture.test_droits import MATRICE, granted
from tests.campaigns.conftest import SHORT
from tests.campaigns.sans_garde import VARIABLE, looks_at_its_object
from tests.integration.test_parcours import PROFILS, walk
from tests.monde import Monde, build

pytestmark = pytest.mark.campaign

WALKERS = (
    Profil.OPERATEUR_DIRECTION,
    Profil.SIAO_DIRECTION,
    Profil.ETAT_PILOTE,
    Profil.TRAVAILLEUR_SOCIAL,
    Profil.ADMIN_ORGANISATION,
    Profil.ADMIN_DEPARTEMENT,
    Profil.BAILLEUR_REFERENT,
    Profil.MEMBRE_COMMISSION,
)


def _everything(*_given: Any) -> Any:
    return true()


SCOPES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "conventions.portee": (conventions_queries.portee, _everything),
    "conventions.lisibles": (conventions_queries.lisibles, _everything),
    "tours.portee": (tours_queries.portee, _everything),
    "organisations.visible_to": (organisations_queries.visible_to, _everything),
    "structures.visible_to": (queries_structures.structures_visible_to, _everything),
    "comptes.visible_to": (comptes_queries.visible_to, _everything),
    "travaux.visible_to": (jobs_service.visible_to, lambda actor: select(Travail)),
    "annuaire.visible_to": (annuaire_queries.visible_to, _everything),
    "annuaire.portee": (fraicheur.portee, _everything),
    "menages.visible_to": (menages_queries.visible_to, _everything),
    "transmissions.ouvertes": (transmissions_queries.ouvertes, _everything),
    "transmissions.siennes": (transmissions_queries.siennes, _everything),
    "fin_de_vie.visible_to": (fin_de_vie_queries.visible_to, _everything),
    "commissions.visible_to": (commissions_queries.visible_to, _everything),
    "dossiers.visibles": (dossiers_queries.visibles, _everything),
    "conduite.suit": (conduite_queries.suit, _everything),
    "suites.decisions_lues": (suites_queries.decisions_lues, _everything),
    "suites.prescriptions_lues": (suites_queries.prescriptions_lues, _everything),
    "suites.recours_lus": (suites_recours.recours_lus, _everything),
}
# Where the tests of a permission's room are; what they leave green is shown to all the others.
ROOMS = {
    "comptes": "comptes web_organisations",
    "organisations": "organisations web_organisations",
    "structures": "organisations web_organisations",
    "parametres": "organisations web_organisations",
    "conventions": "conventions web_conventions",
    "redaction": "redaction",
    "modeles": "web_modeles",
    "prescriptions": "suites_seance",
    "decisions": "suites_seance",
    "releves": "suites_seance",
    "recours": "suites_seance",
    "dossiers": "dossiers conduite suites_seance",
    "menages": "menages fin_de_vie remplissage autorisations",
    "grilles": "grilles remplissage",
}
TESTS = Path(__file__).parents[1]


def _open(monkeypatch: pytest.MonkeyPatch, scope: str) -> None:
    """Open a scope in every module that names it."""
    closed, opened = SCOPES[scope]
    for name, module in list(sys.modules.items()):
        if name.startswith("portal."):
            for attribute, value in list(vars(module).items()):
                if value is closed:
                    monkeypatch.setattr(module, attribute, opened)


@pytest.fixture(autouse=True)
def _one_engine_when_short(engine_name: str) -> None:
    """The same code guards both engines: the short form tries it on one."""
    if SHORT and engine_name != "sqlite":
        pytest.skip("guards are tried on SQLite")


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
    """Return a function walking as a few profiles until something is wrong, first past few objects."""

    def look() -> list[str]:
        for depth, profil in product((2,) if SHORT else (2, 20), WALKERS):
            actor = actor_for(profil, monde.sien.organisations[PROFILS[profil]])
            wrong = walk(app, client_for(actor), monde, actor, depth=depth)
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


@pytest.mark.parametrize("scope", list(SCOPES)[:: 5 if SHORT else 1])
def test_opening_a_scope_shows(
    app: Flask, complaints: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    _open(monkeypatch, scope)
    assert complaints()


@pytest.mark.parametrize("permission", list(Permission)[:: 20 if SHORT else 1], ids=lambda p: p.value)
def test_forgetting_the_object_of_a_policy_shows(
    app: Flask, engine_name: str, permission: Permission
) -> None:
    if not looks_at_its_object(permission):
        pytest.skip("these profiles may, whatever the object")
    room = permission.value.partition(":")[0]
    own = [str(TESTS / "integration" / folder) for folder in ROOMS.get(room, room).split()]
    everything = [str(TESTS / "unit"), str(TESTS / "integration")]
    for folders in ([str(TESTS / "architecture" / "test_droits.py")], own, everything):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "tests.campaigns.sans_garde",
             "-m", "not campaign and not browser", f"--engine={engine_name}", *folders],
            cwd=TESTS.parent, env=os.environ | {VARIABLE: permission.value}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]
        if done.returncode == 1:
            return
    pytest.fail("no test sees it")
