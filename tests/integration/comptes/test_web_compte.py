"""« Mon compte », « Équipe » and all the accounts, through the pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes.models import Adhesion, InvitationCompte, Personne
from portal.notifications.models import MessageSortant
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.integration.comptes import PASSWORD

PAGES = (
    "/compte",
    "/compte/identite",
    "/compte/preferences",
    "/compte/mot-de-passe",
    "/compte/adresse",
    "/compte/sessions",
    "/compte/donnees",
    "/compte/second-facteur",
    "/compte/second-facteur/preparer",
    "/compte/second-facteur/codes",
    "/compte/second-facteur/retirer",
)


@pytest.fixture
def admin(actor_for: Callable[..., Actor]) -> Actor:
    return actor_for(Profil.ADMIN_ORGANISATION)


@pytest.fixture
def client(
    client_for: Callable[..., FlaskClient], session: Session, admin: Actor, hashed_password: str
) -> FlaskClient:
    """The organisation's administrator, signed in."""
    session.get_one(Personne, admin.personne_id).mot_de_passe = hashed_password
    return client_for(admin)


@pytest.fixture
def colleague(session: Session, factories: SimpleNamespace, admin: Actor) -> Adhesion:
    made: Adhesion = factories.Adhesion(
        organisation_id=admin.organisation_id, departement_code="22", personne__nom="Collègue"
    )
    session.commit()
    return made


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_one_s_account_opens(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("profil", sorted(set(Profil), key=lambda p: p.value), ids=lambda p: p.value)
def test_every_profile_has_an_account_and_some_a_team(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor], profil: Profil
) -> None:
    client = client_for(actor_for(profil))
    assert client.get("/compte").status_code == 200
    statuses = [client.get(path).status_code for path in ("/equipe", "/equipe/inviter", "/comptes")]
    administers = profil in (Profil.ADMIN_ORGANISATION, Profil.ADMIN_DEPARTEMENT, Profil.ADMIN_TECHNIQUE)
    reads = administers or profil in (Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION)
    assert statuses == [
        200 if reads else 403,
        200 if administers else 403,
        200 if profil is Profil.ADMIN_TECHNIQUE else 403,
    ]


def version_in(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_correcting_one_s_name_and_finding_it_changed_meanwhile(client: FlaskClient) -> None:
    data = {"prenom": "Noé", "nom": "Été", "telephone": "02 96 00 00 00"}
    data["version"] = version_in(client.get("/compte/identite").text)
    assert client.post("/compte/identite", data=data | {"telephone": "x"}).status_code == 422
    assert client.post("/compte/identite", data=data).location == "/compte"
    assert "Noé Été" in client.get("/compte").text
    stale = client.post("/compte/identite", data=data | {"nom": "Hiver"})
    assert stale.status_code == 409
    assert "Hiver" in stale.text
    assert "Été" in stale.text
    again = version_in(stale.text)
    assert client.post("/compte/identite", data=data | {"nom": "Hiver", "version": again}).status_code == 303


def test_preferences_change_the_language_of_the_pages(client: FlaskClient) -> None:
    data = {"langue": "en", "preference_envoi": "quotidien"}
    data["version"] = version_in(client.get("/compte/preferences").text)
    assert client.post("/compte/preferences", data=data).status_code == 303
    assert '<html lang="en">' in client.get("/compte").text
    assert client.post("/compte/preferences", data=data | {"langue": "xx"}).status_code == 422
    assert client.post("/compte/preferences", data=data | {"langue": "fr"}).status_code == 409


def test_changing_one_s_password(client: FlaskClient, session: Session, admin: Actor) -> None:
    new = "un autre mot de passe"
    data = {"actuel": "faux", "mot_de_passe": new, "confirmation": new}
    refused = client.post("/compte/mot-de-passe", data=data)
    assert refused.status_code == 422
    assert "n’est pas le vôtre" in refused.text
    assert new not in refused.text
    assert client.post("/compte/mot-de-passe", data=data | {"actuel": PASSWORD}).status_code == 303
    assert client.get("/compte").status_code == 200
    statuses = [client.post("/compte/mot-de-passe", data=data).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_changing_one_s_address(client: FlaskClient, session: Session, admin: Actor) -> None:
    data = {"email": "neuve@partenaire.example", "actuel": PASSWORD}
    assert client.post("/compte/adresse", data=data).status_code == 303
    body = session.scalars(select(MessageSortant.corps)).one()
    link = re.search(r"http://localhost(/adresse/\S+)", body)
    assert link is not None
    assert client.get(link[1]).status_code == 200
    assert session.scalar(select(Personne.email).where(Personne.id == admin.personne_id)) == admin.email
    assert client.post(link[1]).location == "/compte"
    assert "neuve@partenaire.example" in client.get("/compte").text
    assert client.get(link[1]).status_code == 410


def test_ending_one_s_other_sessions(
    client: FlaskClient, client_for: Callable[..., FlaskClient], admin: Actor
) -> None:
    other, third = client_for(admin), client_for(admin)
    page = client.get("/compte/sessions").text
    refs = re.findall(r"/compte/sessions/([\w-]+)/fermer\"", page)
    assert len(refs) == 2
    client.post(f"/compte/sessions/{refs[0]}/fermer")
    client.post("/compte/sessions/fermer-les-autres")
    assert [one.get("/compte").status_code for one in (client, other, third)] == [200, 303, 303]


def test_the_second_factor_from_one_s_account(
    app: Flask, client: FlaskClient, clock: FixedClock, admin: Actor
) -> None:
    assert client.get("/compte/second-facteur/activer").location == "/compte/second-facteur"
    assert client.get("/compte/second-facteur/qr.svg").status_code == 404
    assert client.post("/compte/second-facteur/preparer").status_code == 422
    assert client.post("/compte/second-facteur/preparer", data={"actuel": "faux"}).status_code == 422
    assert client.get("/compte/second-facteur/activer").location == "/compte/second-facteur"
    given = client.post("/compte/second-facteur/preparer", data={"actuel": PASSWORD})
    assert given.location == "/compte/second-facteur/activer"
    page = client.get("/compte/second-facteur/activer").text
    assert client.get("/compte/second-facteur/qr.svg").mimetype == "image/svg+xml"
    secret = re.search(r'<code class="insecable">([A-Z2-7 ]+)</code>', page)
    assert secret is not None
    assert client.post("/compte/second-facteur/activer", data={"code": "1"}).status_code == 422
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now())
    codes = client.post("/compte/second-facteur/activer", data={"code": code}).text
    assert codes.count("<code>") == 10
    assert client.get("/compte/second-facteur").status_code == 200
    assert client.post("/compte/second-facteur/codes", data={"actuel": "faux"}).status_code == 422
    assert client.post("/compte/second-facteur/codes", data={"actuel": PASSWORD}).text.count("<code>") == 10
    assert client.post("/compte/second-facteur/retirer", data={"actuel": PASSWORD}).status_code == 303


def test_a_borrowed_session_does_not_see_a_second_factor_left_half_set_up(
    client: FlaskClient, client_for: Callable[..., FlaskClient], clock: FixedClock, admin: Actor
) -> None:
    client.post("/compte/second-facteur/preparer", data={"actuel": PASSWORD})
    elsewhere = client_for(admin)
    clock.instant += timedelta(minutes=9)
    assert client.get("/compte/second-facteur/activer").status_code == 200
    clock.instant += timedelta(minutes=1)
    for one in (client, elsewhere):
        for answer in (
            one.get("/compte/second-facteur/activer"),
            one.post("/compte/second-facteur/activer", data={"code": "123456"}),
        ):
            assert answer.location == "/compte/second-facteur/preparer"
        assert one.get("/compte/second-facteur/qr.svg").status_code == 404


@pytest.mark.parametrize("act", ["preparer", "codes", "retirer"])
def test_guessing_the_password_before_an_act_on_the_second_factor_is_slowed_down(
    client: FlaskClient, act: str
) -> None:
    statuses = [
        client.post(f"/compte/second-facteur/{act}", data={"actuel": f"faux {n}"}).status_code
        for n in range(11)
    ]
    assert statuses == [422] * 10 + [429]


def test_the_team_is_managed_from_its_page(
    client: FlaskClient, session: Session, colleague: Adhesion, admin: Actor
) -> None:
    page = client.get("/equipe").text
    assert "Collègue" in page
    assert f"/equipe/{colleague.ref}/modifier" in page
    assert f"/equipe/{admin.adhesion_ref}/modifier" not in page
    change = f"/equipe/{colleague.ref}/modifier"
    data = {"profil": "gestionnaire_structure", "departement_code": "22", "version": "1"}
    assert client.get(change).status_code == 200
    assert client.post(change, data=data | {"profil": "etat_pilote"}).status_code == 422
    assert client.post(change, data=data).location == "/equipe"
    assert client.post(change, data=data | {"profil": "travailleur_social"}).status_code == 409
    review = client.post("/equipe/verifier", data={"acces": [colleague.ref]})
    assert review.location == "/equipe"
    withdraw = f"/equipe/{colleague.ref}/retirer"
    assert "<html" not in client.get(withdraw, headers={"HX-Request": "true"}).text
    assert client.post(withdraw, data={"version": "1"}).status_code == 409
    assert client.post(withdraw, data={"version": "2"}).location == "/equipe"
    assert colleague.ref not in client.get("/equipe").text
    assert client.get(withdraw).status_code == 404
    assert client.get(f"/equipe/{admin.adhesion_ref}/retirer").status_code == 403


def test_invitations_are_sent_again_and_cancelled(client: FlaskClient, session: Session) -> None:
    data = {
        "email": "alix@partenaire.example",
        "prenom": "Alix",
        "nom": "Neuf",
        "profil": "travailleur_social",
        "departement_code": "22",
        "langue": "fr",
        "cle_idempotence": "abcdefghijkl",
    }
    assert client.post("/equipe/inviter", data={}).status_code == 422
    assert client.post("/equipe/inviter", data=data | {"email": "non"}).status_code == 422
    for _ in range(3):
        assert client.post("/equipe/inviter", data=data).status_code == 303
    ref = session.scalars(select(InvitationCompte.ref)).one()
    assert "alix@partenaire.example" in client.get("/equipe").text
    assert client.post(f"/equipe/invitations/{ref}/renvoyer").location == "/equipe"
    question = client.get(f"/equipe/invitations/{ref}/annuler").text
    assert re.search(r"data-fermer>\s*Ne rien changer", question)  # « Annuler » alone would say both
    assert client.post(f"/equipe/invitations/{ref}/annuler").location == "/equipe"
    assert "alix@partenaire.example" not in client.get("/equipe").text
    assert client.post(f"/equipe/invitations/{ref}/renvoyer").status_code == 404


def test_a_foreign_team_is_not_found(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    admin: Actor,
    colleague: Adhesion,
) -> None:
    stranger = client_for(actor_for(Profil.ADMIN_ORGANISATION))
    foreign = f"?organisation={admin.organisation_ref}"
    paths = (
        f"/equipe{foreign}",
        f"/equipe/inviter{foreign}",
        f"/equipe/{colleague.ref}/modifier",
        f"/equipe/{colleague.ref}/retirer",
        "/equipe?organisation=inconnue",
    )
    assert [stranger.get(path).status_code for path in paths] == [404] * 5
    assert stranger.post("/equipe/verifier", data={"acces": [colleague.ref]}).status_code == 404


def test_the_state_invites_the_administrator_of_another_organisation(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor], admin: Actor, session: Session
) -> None:
    state = client_for(actor_for(Profil.ADMIN_DEPARTEMENT))
    here = f"/equipe/inviter?organisation={admin.organisation_ref}"
    page = state.get(here).text
    assert "admin_organisation" in page
    assert "operateur_direction" not in page
    data = {
        "email": "alix@partenaire.example",
        "prenom": "Alix",
        "nom": "Neuf",
        "profil": "admin_organisation",
        "departement_code": "22",
        "langue": "fr",
    }
    answer = state.post(here, data=data)
    assert answer.location == f"/equipe?organisation={admin.organisation_ref}"


def test_the_technical_administrator_closes_and_opens_accounts(
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    colleague: Adhesion,
    session: Session,
) -> None:
    technical = actor_for(Profil.ADMIN_TECHNIQUE)
    client = client_for(technical)
    assert "Collègue" in client.get("/comptes?q=colleg").text
    assert "Collègue" not in client.get("/comptes?q=zzz").text
    here = f"/comptes/{colleague.personne.ref}"
    assert client.get(here).status_code == 200
    assert client.get(f"{here}/desactiver").status_code == 200
    assert client.post(f"{here}/desactiver", data={"version": "9"}).status_code == 409
    assert client.post(f"{here}/desactiver", data={"version": "1"}).location == here
    assert client.post(f"{here}/reactiver", data={"version": "2"}).location == here
    assert client.post(f"{here}/second-facteur", data={"version": "3"}).status_code == 422
    assert (
        client.post(f"/comptes/{technical.personne_ref}/desactiver", data={"version": "1"}).status_code == 403
    )
    assert client.get("/comptes/inconnu").status_code == 404
