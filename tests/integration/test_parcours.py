"""Every route, as every profile, on one's own and on others' objects: nothing foreign, nothing broken."""

import io
import logging
from collections.abc import Callable, Iterable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.organisations.enums import TypeOrganisation as T
from portal.security.permissions import SIAO, Permission, Profil
from portal.security.policy import Actor, can
from tests.architecture.test_droits import ADMINISTRATIONS
from tests.canaris import CANARI, READERS, SERVED_TO_READERS, lue, misplaced
from tests.monde import Monde, build
from tests.parcours import (
    ANNUAIRE_BLUEPRINT,
    COMMISSIONS_BLUEPRINT,
    COMMISSIONS_LUES,
    IN_QUERY,
    MENAGES,
    WIDE,
    Marcheur,
    Visite,
    leaks,
    parcourir,
)

PROFILS: dict[Profil, T] = {
    Profil.ADMIN_TECHNIQUE: T.ETAT,
    Profil.ADMIN_DEPARTEMENT: T.ETAT,
    Profil.ADMIN_ORGANISATION: T.GESTIONNAIRE,
    Profil.ETAT_PILOTE: T.ETAT,
    Profil.ETAT_AGENT: T.ETAT,
    Profil.SIAO_DIRECTION: T.SIAO,
    Profil.SIAO_REGULATEUR: T.SIAO,
    Profil.SIAO_MISSION_LOGEMENT: T.SIAO,
    Profil.OPERATEUR_DIRECTION: T.GESTIONNAIRE,
    Profil.GESTIONNAIRE_STRUCTURE: T.GESTIONNAIRE,
    Profil.TRAVAILLEUR_SOCIAL: T.GESTIONNAIRE,
    Profil.BAILLEUR_REFERENT: T.BAILLEUR,
    Profil.RESERVATAIRE: T.RESERVATAIRE,
    Profil.COLLECTIVITE: T.COLLECTIVITE,
    Profil.MEMBRE_COMMISSION: T.SANTE,
    Profil.INVITE_PONCTUEL: T.SANTE,
    Profil.TETE_DE_RESEAU: T.TETE_DE_RESEAU,
    Profil.OBSERVATEUR_AGREGE: T.ETAT,
}


@pytest.fixture
def monde(session: Session, factories: SimpleNamespace) -> Monde:
    return build(session, factories)


def walk(
    app: Flask,
    client: FlaskClient,
    monde: Monde,
    actor: Actor,
    depth: int = 2,
    besides: Callable[[Visite, TestResponse], Iterable[str]] = lambda *_: (),
) -> list[str]:
    """Return what went wrong, one line a request; `besides`: says what else is wrong with one."""
    wrong, marcheur = [], Marcheur(client)
    for visite, response in parcourir(app, monde, marcheur.fresh, depth):
        guard = app.view_functions[visite.endpoint].garde  # type: ignore[attr-defined]
        wrong += [f"{visite}: {what}" for what in faults(visite, response.status_code, actor, guard)]
        wrong += [f"{visite}: {word}" for word in sorted(leaks(response, actor.profil, visite.endpoint))]
        wrong += besides(visite, response)
    return wrong


def faults(visite: Visite, status: int, actor: Actor, guard: object) -> list[str]:
    """Say what is wrong with a status: a failure, or a foreign object that exists for the actor.

    403 is for who may not use the route at all; who may use it on their own learns nothing: 404, or 410 for a
    link that works no more, whatever it led to. The entries of the directory, and the commissions, are shared
    among the partners of a département: the rival's are no secret. Within one's own team, what a colleague
    holds is handed over by whoever may withdraw their access.
    """
    if status >= 500:
        return [f"status {status}"]
    if visite.endpoint == "equipe.passer" and actor.profil not in ADMINISTRATIONS and status < 400:
        return ["what a colleague holds may be handed over"]
    theirs = actor.profil in WIDE or visite.endpoint.startswith(ANNUAIRE_BLUEPRINT)
    theirs = theirs or (
        visite.endpoint.startswith(COMMISSIONS_BLUEPRINT) and actor.profil in COMMISSIONS_LUES
    )
    if visite.endpoint in IN_QUERY and visite.endpoint != "annuaire.liste":
        theirs = actor.profil in WIDE
    hidden = visite.side == "etranger" or (visite.side == "rival" and not theirs)
    if visite.endpoint.startswith(MENAGES) and visite.side:
        hidden = visite.side == "etranger" or not _menage_lu(visite, actor.profil)
    if not hidden or actor.profil is Profil.ADMIN_TECHNIQUE:
        return []
    barred = isinstance(guard, Permission) and not can(actor, guard)
    gone = status in (404, 410) or (barred and status == 403)
    return [] if gone else [f"a foreign object answers {status}"]


def _menage_lu(visite: Visite, profil: Profil) -> bool:
    """Tell whether a household of one's own side, or of the rival's, is anything to a profile: the households
    of one's own side are a colleague's, and one of them was transmitted to its landlord."""
    if profil in SIAO:
        return True
    sien = visite.side == "sien"
    return sien and profil in (Profil.ADMIN_ORGANISATION, Profil.BAILLEUR_REFERENT)


def test_the_walk_knows_every_profile() -> None:
    assert set(PROFILS) == set(Profil)


@pytest.mark.parametrize("profil", list(Profil), ids=lambda p: p.value)
def test_nothing_foreign_comes_back(
    app: Flask,
    session: Session,
    monde: Monde,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
    profil: Profil,
    logs: io.StringIO,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Nor does what a household told stand anywhere but in the bodies of pages: not in the logs either."""
    read = []

    def out_of_place(visite: Visite, response: TestResponse) -> Iterable[str]:
        if profil not in READERS or not visite.endpoint.startswith(SERVED_TO_READERS):
            return ()
        read.extend([visite] if lue(response) else [])
        return misplaced(visite, response)

    actor = actor_for(profil, monde.sien.organisations[PROFILS[profil]])
    client = client_for(actor)
    with caplog.at_level(logging.DEBUG):
        wrong = walk(app, client, monde, actor, besides=out_of_place)
    assert not wrong, "\n".join(wrong)
    assert profil not in READERS or len(read) >= 3  # the walk met households
    out, err = capfd.readouterr()
    assert not CANARI.search(logs.getvalue() + caplog.text + out + err)


def test_nobody_sees_nothing(app: Flask, monde: Monde, client_for: Callable[..., FlaskClient]) -> None:
    client = client_for(None)
    wrong = []
    for visite, response in parcourir(app, monde, lambda: client):
        guard = getattr(app.view_functions[visite.endpoint], "garde", None)
        wrong += [f"{visite}: {word}" for word in sorted(leaks(response, None))]
        if response.status_code >= 500:
            wrong.append(f"{visite}: {response.status_code}")
        signs_in = response.status_code == 401 or "/connexion" in response.headers.get("Location", "")
        if guard != "public" and not signs_in:
            wrong.append(f"{visite}: open to anyone ({response.status_code})")
    assert not wrong, "\n".join(wrong)
