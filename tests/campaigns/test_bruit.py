"""Noise on every route: whatever is typed or tampered with, never a failure."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.organisations.enums import TypeOrganisation as T
from portal.security.permissions import Profil
from portal.security.policy import Actor
from tests.campaigns.conftest import SHORT
from tests.monde import build
from tests.parcours import Marcheur, Visite, sandboxed, visites

pytestmark = pytest.mark.campaign

NOISE = [
    *(Path(__file__).parent.parent / "data" / "bruit.txt").read_text().splitlines(),
    *("", " ", "a" * 5000, "é" * 300, "\x00", "\U0001f600", "\u202eabc"),
]
NAMES = [
    "q",
    "tri",
    "curseur",
    "etat",
    "nature",
    "departement",
    "type",
    "version",
    "cle_idempotence",
    "suite",
]
PROFILES = [
    (Profil.ETAT_PILOTE, T.ETAT),
    (Profil.SIAO_DIRECTION, T.SIAO),
    (Profil.OPERATEUR_DIRECTION, T.GESTIONNAIRE),
    (Profil.ADMIN_DEPARTEMENT, T.ETAT),
    (Profil.ADMIN_TECHNIQUE, T.ETAT),
]


def names_on(client: FlaskClient, url: str) -> list[str]:
    """Return the names of the fields that a page shows, with the usual ones."""
    page = client.get(url)
    found = (
        re.findall(r'name="([^"]+)"', page.get_data().decode(errors="replace"))
        if page.status_code == 200
        else []
    )
    return sorted({*found, *NAMES})


def noisy(client: FlaskClient, visite: Visite, chance: random.Random, names: list[str]) -> int:
    picked = chance.sample(names, min(len(names), chance.randint(1, 8)))
    values = {name: [chance.choice(NOISE) for _ in range(chance.randint(1, 2))] for name in picked}
    headers = {"HX-Request": "true"} if visite.fragment else {}
    if visite.method == "GET":
        return client.get(visite.url.partition("?")[0], query_string=values, headers=headers).status_code
    return client.open(visite.url, method=visite.method, data=values, headers=headers).status_code


@pytest.mark.parametrize(("profil", "kind"), PROFILES, ids=lambda value: getattr(value, "value", ""))
def test_noise_never_fails(
    app: Flask,
    session: Session,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    figure: Callable[[str, object], None],
    profil: Profil,
    kind: T,
) -> None:
    monde = build(session, factories)
    marcheur = Marcheur(client_for(actor_for(profil, monde.sien.organisations[kind])))
    chance = random.Random(f"{profil.value}2026")
    rounds = 3 if SHORT else 25
    failures, count = [], 0
    with sandboxed(app) as sandbox:
        for visite in visites(app, monde, depth=1 if SHORT else 2):
            if visite.side in {"rival", "etranger"}:
                continue
            names = names_on(marcheur.fresh(), visite.url)
            for _ in range(rounds):
                status = noisy(marcheur.fresh(), visite, chance, names)
                sandbox.undo()
                count += 1
                if status >= 500:
                    failures.append(f"{visite}: {status}")
    figure("requests", count)
    assert failures == []
