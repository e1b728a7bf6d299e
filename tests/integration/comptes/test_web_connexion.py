"""Signing in through the pages: with and without a second factor, in place, by links."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.comptes import second_facteur
from portal.comptes.models import (
    Adhesion,
    InvitationCompte,
    Personne,
    SessionConnexion,
    TentativeConnexion,
)
from portal.config import Settings
from portal.notifications.models import MessageSortant
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from tests.factories import INSTANT
from tests.integration.comptes import PASSWORD

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for()


@pytest.fixture
def web_settings(app: Flask) -> Iterator[Settings]:
    """The application's settings, put back after the test."""
    settings: Settings = app.extensions["portail_settings"]
    before = settings.totp_required_profiles
    yield settings
    settings.totp_required_profiles = before


@pytest.fixture
def strong(session: Session, clock: FixedClock, app: Flask, adhesion: Adhesion) -> pyotp.TOTP:
    """The second factor of the person, switched on."""
    cipher = app.extensions["portail_cipher"]
    second_facteur.start(session, clock, cipher, adhesion.personne_id)
    prepared = second_facteur.prepared(session, cipher, adhesion.personne_id)
    assert prepared is not None
    totp = pyotp.TOTP(prepared[0])
    code = totp.at(clock.now())
    second_facteur.confirm(session, clock, cipher, adhesion.personne_id, code, session_id=None)
    session.commit()
    clock.instant += timedelta(minutes=1)
    return totp


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **options: Any) -> TestResponse:
    return client.post("/connexion", data={"email": email, "mot_de_passe": password}, **options)


def signed_in(client: FlaskClient) -> bool:
    return client.get("/compte").status_code == 200


def text(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def test_from_the_page_asked_for_to_that_page(client: FlaskClient, adhesion: Adhesion) -> None:
    asked = client.get("/compte/sessions?x=1")
    assert asked.status_code == 303
    page = client.get(asked.location)
    suite = re.search(r'name="suite" type="hidden" value="([^"]*)"', text(page))
    assert suite is not None
    assert suite[1] == "/compte/sessions?x=1"
    data = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD, "suite": suite[1]}
    answer = client.post("/connexion", data=data)
    assert (answer.status_code, answer.location) == (303, "/compte/sessions?x=1")
    assert signed_in(client)
    assert client.get("/connexion").location == "/"


def test_a_page_elsewhere_is_not_followed(client: FlaskClient, adhesion: Adhesion) -> None:
    data = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD, "suite": "//ailleurs.example/"}
    assert client.post("/connexion", data=data).location == "/"


def test_a_refusal_says_the_same_for_an_account_and_for_none(
    client: FlaskClient, session: Session, adhesion: Adhesion
) -> None:
    answers = [
        sign_in(client, email, "faux") for email in (adhesion.personne.email, "rien@partenaire.example")
    ]
    pages = [re.sub(r'(value|content)="[^"]*"', "", text(answer)) for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert pages[0] == pages[1]
    assert "faux" not in text(answers[0])
    assert session.scalar(select(func.count()).select_from(TentativeConnexion)) == 4
    assert not signed_in(client)


def test_an_unknown_page_leads_to_the_search_only_where_there_is_one(
    client: FlaskClient,
    adhesion: Adhesion,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
) -> None:
    assert "la recherche en haut de page" not in client.get("/inconnue").text
    signed_in = client_for(actor_for(Profil.SIAO_DIRECTION))
    assert "la recherche en haut de page" in signed_in.get("/inconnue").text


def test_too_many_attempts_get_429(client: FlaskClient, adhesion: Adhesion) -> None:
    statuses = [sign_in(client, adhesion.personne.email, "faux").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert sign_in(client, adhesion.personne.email).status_code == 429


def test_an_empty_form_is_refused_field_by_field(client: FlaskClient) -> None:
    answer = client.post("/connexion", data={})
    assert answer.status_code == 422
    assert "data-erreurs" in text(answer)
    assert 'href="#connexion-mot-de-passe"' in text(answer)


def test_signing_out_ends_the_session_even_for_a_kept_cookie(
    client: FlaskClient, app: Flask, adhesion: Adhesion
) -> None:
    sign_in(client, adhesion.personne.email)
    kept = client.get_cookie("portail")
    assert kept is not None
    assert client.post("/deconnexion").status_code == 303
    thief = app.test_client()
    thief.set_cookie("portail", kept.value)
    assert not signed_in(client)
    assert not signed_in(thief)
    assert client.post("/deconnexion").status_code == 303


def test_signing_in_changes_the_session_s_token(
    client: FlaskClient, session: Session, clock: FixedClock, adhesion: Adhesion
) -> None:
    sign_in(client, adhesion.personne.email)
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]
    clock.instant += timedelta(minutes=31)
    assert not signed_in(client)
    sign_in(client, adhesion.personne.email)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != first
    assert session.scalar(select(func.count()).select_from(SessionConnexion)) == 1


def test_signing_in_again_in_place(client: FlaskClient, clock: FixedClock, adhesion: Adhesion) -> None:
    sign_in(client, adhesion.personne.email)
    clock.instant += timedelta(minutes=31)
    assert client.post("/compte/preferences", data={}, headers=HTMX).status_code == 401
    form = client.get("/connexion?fragment=1", headers=HTMX)
    assert "<html" not in text(form)
    assert 'action="/connexion"' in text(form)
    refused = sign_in(client, adhesion.personne.email, "faux", headers=HTMX)
    assert refused.status_code == 422
    assert "X-CSRF-Token" not in refused.headers
    assert "<html" not in text(refused)
    right = sign_in(client, adhesion.personne.email, headers=HTMX)
    assert right.status_code == 204
    assert right.headers["X-CSRF-Token"]
    assert right.headers["X-Session-Restant"] == "1800"
    assert right.headers["X-Session-Absolue"] == "43200"
    assert signed_in(client)


def test_the_form_open_in_another_tab_still_serves_after_signing_in_again(
    client: FlaskClient, app: Flask, clock: FixedClock, adhesion: Adhesion
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    def token(page: TestResponse) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', text(page))
        assert found is not None
        return found[1]

    data = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD}
    client.post("/connexion", data={**data, "csrf_token": token(client.get("/connexion"))})
    kept = token(client.get("/compte/preferences"))
    clock.instant += timedelta(minutes=31)
    client.post("/connexion", data={**data, "csrf_token": token(client.get("/connexion"))})
    form = {"langue": "en", "preference_envoi": "quotidien", "version": "1", "csrf_token": kept}
    assert client.post("/compte/preferences", data=form).status_code == 303
    assert client.post("/compte/preferences", data={**form, "csrf_token": ""}).status_code == 400


def test_the_second_factor_comes_before_entering(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion, strong: pyotp.TOTP
) -> None:
    data = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD, "suite": "/compte/donnees"}
    asked = client.post("/connexion", data=data)
    assert asked.location.startswith("/connexion/second-facteur")
    assert not signed_in(client)
    assert client.get(asked.location).status_code == 200
    wrong = client.post(asked.location, data={"code": "000000"})
    assert wrong.status_code == 422
    assert not signed_in(client)
    right = {"code": strong.at(clock.now()), "suite": "/compte/donnees"}
    assert client.post(asked.location, data=right).location == "/compte/donnees"
    assert signed_in(client)


def test_the_second_factor_in_place(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion, strong: pyotp.TOTP
) -> None:
    form = sign_in(client, adhesion.personne.email, headers=HTMX)
    assert form.status_code == 200
    assert 'action="/connexion/second-facteur"' in text(form)
    assert "X-CSRF-Token" not in form.headers
    code = {"code": strong.at(clock.now())}
    assert client.post("/connexion/second-facteur", data=code, headers=HTMX).headers["X-CSRF-Token"]
    assert signed_in(client)


def test_the_wait_for_the_second_factor_ends(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion, strong: pyotp.TOTP
) -> None:
    sign_in(client, adhesion.personne.email)
    clock.instant += timedelta(minutes=10)
    answer = client.post("/connexion/second-facteur", data={"code": strong.at(clock.now())})
    assert answer.location == "/connexion"
    assert client.get("/connexion/second-facteur").location == "/connexion"
    assert client.get("/connexion/activation").location == "/connexion"
    assert client.get("/connexion/activation/qr.svg").status_code == 404


def test_a_required_second_factor_is_set_up_before_entering(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion, web_settings: Settings
) -> None:
    web_settings.totp_required_profiles = adhesion.profil.value
    asked = sign_in(client, adhesion.personne.email)
    assert asked.location == "/connexion/activation"
    assert not signed_in(client)
    page = text(client.get("/connexion/activation"))
    svg = client.get("/connexion/activation/qr.svg")
    assert svg.mimetype == "image/svg+xml"
    assert svg.headers["Cache-Control"] == "no-store"
    secret = re.search(r'<code class="insecable">([A-Z2-7 ]+)</code>', page)
    assert secret is not None
    assert client.post("/connexion/activation", data={"code": "12"}).status_code == 422
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now())
    done = client.post("/connexion/activation", data={"code": code, "suite": "/compte"})
    assert len(re.findall(r"<code>[a-z0-9]{4}(?:-[a-z0-9]{4}){3}</code>", text(done))) == 10
    assert signed_in(client)
    assert client.get("/connexion/activation").location == "/connexion"


def test_a_forgotten_password(client: FlaskClient, session: Session, adhesion: Adhesion) -> None:
    for email in (adhesion.personne.email, "rien@partenaire.example"):
        answer = client.post("/mot-de-passe-oublie", data={"email": email})
        assert answer.location == "/mot-de-passe-oublie/envoye"
    assert client.get("/mot-de-passe-oublie/envoye").status_code == 200
    message = session.scalars(select(MessageSortant)).one()
    link = re.search(r"http://localhost(/reinitialisation/\S+)", message.corps)
    assert link is not None
    for _ in range(2):
        assert client.get(link[1]).status_code == 200
    new = {"mot_de_passe": "un autre mot de passe", "confirmation": "un autre"}
    assert client.post(link[1], data=new).status_code == 422
    new["confirmation"] = new["mot_de_passe"]
    assert client.post(link[1], data=new).location == "/connexion"
    assert client.get(link[1]).status_code == client.post(link[1], data=new).status_code == 410
    assert sign_in(client, adhesion.personne.email).status_code == 422
    assert sign_in(client, adhesion.personne.email, new["mot_de_passe"]).status_code == 303


def test_links_are_not_sent_without_end(client: FlaskClient, adhesion: Adhesion) -> None:
    statuses = [
        client.post("/mot-de-passe-oublie", data={"email": adhesion.personne.email}).status_code
        for _ in range(4)
    ]
    assert statuses == [303, 303, 303, 429]


@pytest.fixture
def invite(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor], session: Session
) -> Callable[..., str]:
    """Return a function that invites someone through the page and gives the path of the link."""
    admin = client_for(actor_for(Profil.ADMIN_ORGANISATION))

    def make(email: str, profil: Profil = Profil.GESTIONNAIRE_STRUCTURE) -> str:
        data = {
            "email": email,
            "prenom": "Alix",
            "nom": "Neuf",
            "profil": profil.value,
            "departement_code": "22",
            "langue": "fr",
        }
        answer = admin.post("/equipe/inviter", data=data)
        assert answer.status_code == 303, text(answer)
        body = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first()
        link = re.search(r"http://localhost(/invitation/\S+)", body or "")
        assert link is not None
        return link[1]

    return make


def test_accepting_an_invitation_as_someone_new(
    client: FlaskClient, session: Session, invite: Callable[..., str]
) -> None:
    link = invite("alix@partenaire.example")
    for _ in range(2):
        assert "Alix" in text(client.get(link))
    data = {"prenom": "Alix", "nom": "Neuve", "mot_de_passe": "court", "confirmation": "court"}
    assert client.post(link, data=data).status_code == 422
    data |= {"mot_de_passe": PASSWORD, "confirmation": PASSWORD}
    assert client.post(link, data=data).location == "/"
    assert signed_in(client)
    session.rollback()
    made = session.scalars(select(Personne).where(Personne.email == "alix@partenaire.example")).one()
    assert made.nom == "Neuve"
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("cancelled", [False, True])
def test_an_organisation_closed_since_says_so_at_once(
    client: FlaskClient, session: Session, invite: Callable[..., str], *, cancelled: bool
) -> None:
    link = invite("alix@partenaire.example")
    ident = session.scalars(select(InvitationCompte.organisation_id)).one()
    closed = session.get_one(Organisation, ident)
    closed.fermee_le = date(2026, 3, 1)
    if cancelled:  # what closing an organisation does
        session.execute(update(InvitationCompte).values(revoquee_le=INSTANT))
    session.commit()
    page = client.get(link)
    assert page.status_code == 410
    assert closed.nom in text(page)
    assert "fermé" in text(page)
    assert "<input" not in page.text.partition("<main")[2].partition("</main")[0]
    assert client.post(link, data={"mot_de_passe": PASSWORD, "confirmation": PASSWORD}).status_code == 410


def test_accepting_as_someone_who_has_an_account(
    client: FlaskClient, session: Session, adhesion: Adhesion, invite: Callable[..., str]
) -> None:
    link = invite(adhesion.personne.email)
    assert client.post(link, data={"actuel": "faux"}).status_code == 422
    assert session.scalar(select(InvitationCompte.acceptee_le)) is None
    assert client.post(link, data={"actuel": PASSWORD}).location == "/"
    assert signed_in(client)
    with client.session_transaction() as cookie:
        cookie.clear()
    assert client.get(link).status_code == 410


def test_an_invitation_gives_back_an_access_to_someone_who_had_none_left(
    client: FlaskClient, session: Session, clock: FixedClock, adhesion: Adhesion, invite: Callable[..., str]
) -> None:
    adhesion.revoquee_le = clock.now()
    session.commit()
    assert sign_in(client, adhesion.personne.email).status_code == 422
    assert client.post(invite(adhesion.personne.email), data={"actuel": PASSWORD}).location == "/"
    assert signed_in(client)


def test_accepting_while_signed_in(
    client: FlaskClient, adhesion: Adhesion, invite: Callable[..., str]
) -> None:
    link = invite(adhesion.personne.email)
    sign_in(client, adhesion.personne.email)
    assert client.post(link).location == "/compte"
    assert "Gestionnaire de structure" in text(client.get("/compte"))


def test_an_invitation_is_not_accepted_by_someone_else(
    client: FlaskClient, session: Session, adhesion: Adhesion, invite: Callable[..., str]
) -> None:
    link = invite("alix@partenaire.example")
    sign_in(client, adhesion.personne.email)
    assert "formulaire-invitation" not in text(client.get(link))
    client.post(link, data={"mot_de_passe": PASSWORD, "confirmation": PASSWORD, "prenom": "A", "nom": "B"})
    assert session.scalar(select(InvitationCompte.acceptee_le)) is None


def test_accepting_with_a_second_factor(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion, strong: pyotp.TOTP, invite: Callable[..., str]
) -> None:
    link = invite(adhesion.personne.email)
    assert client.post(link, data={"actuel": PASSWORD}).location == "/connexion/second-facteur"
    assert not signed_in(client)
    client.post("/connexion/second-facteur", data={"code": strong.at(clock.now())})
    assert "Gestionnaire de structure" in text(client.get("/compte"))


def test_changing_profile(
    client: FlaskClient, session: Session, adhesion: Adhesion, factories: SimpleNamespace
) -> None:
    other = factories.Adhesion(personne=adhesion.personne, profil=Profil.ADMIN_ORGANISATION)
    foreign = factories.Adhesion()
    session.commit()
    sign_in(client, adhesion.personne.email)
    assert client.get("/equipe/inviter").status_code == 403
    assert client.post("/profil-actif", data={"vers": foreign.ref}).status_code == 404
    assert client.post("/profil-actif", data={"vers": other.ref}).status_code == 303
    assert client.get("/equipe/inviter").status_code == 200
    stale = {"langue": "fr", "preference_envoi": "immediat", "version": "1", "adhesion": adhesion.ref}
    assert client.post("/compte/preferences", data=stale).status_code == 409


def hidden(page: TestResponse, form: str = "form") -> dict[str, str]:
    """The hidden fields of a form of the page, as a browser would send them."""
    inside = re.search(rf'<form[^>]*id="{form}".*?</form>', text(page), re.DOTALL)
    assert inside is not None, text(page)
    fields = (tag for tag in re.findall(r"<input[^>]*>", inside[0]) if 'type="hidden"' in tag)
    found = {}
    for tag in fields:
        name = re.search(r' name="([^"]*)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        assert name is not None
        found[name[1]] = html.unescape(value[1]) if value else ""
    return found


IDENTITE = {"prenom": "Camille", "nom": "L’Étang & fils", "telephone": "02 96 00 00 00", "version": "1"}


@pytest.fixture
def refused(client: FlaskClient, clock: FixedClock, adhesion: Adhesion) -> TestResponse:
    """The answer to a form sent once the session is over."""
    sign_in(client, adhesion.personne.email)
    clock.instant += timedelta(minutes=31)
    typed = IDENTITE | {"csrf_token": "un-jeton", "cle_idempotence": "cle-de-la-page"}
    return client.post(
        "/compte/identite", data=typed, headers={"Referer": "http://localhost/compte/identite"}
    )


def test_a_form_refused_is_kept_and_sent_again(
    client: FlaskClient, session: Session, adhesion: Adhesion, refused: TestResponse
) -> None:
    assert refused.status_code == 401
    main = text(refused).partition("<main")[2]
    for words in ("<dt>Prénom</dt>", "<dt>Téléphone professionnel</dt>", "L’Étang &amp; fils"):
        assert words in main
    assert "<dt>prenom</dt>" not in main
    assert "un-jeton" not in main
    wrong = {**hidden(refused, "formulaire-connexion"), "email": adhesion.personne.email}
    again = client.post("/connexion", data=wrong | {"mot_de_passe": "faux"})
    assert again.status_code == 422
    right = {**hidden(again, "formulaire-connexion"), "email": adhesion.personne.email}
    page = client.post("/connexion", data=right | {"mot_de_passe": PASSWORD})
    assert page.status_code == 200
    assert 'action="/compte/identite"' in text(page)
    assert 'href="/compte/identite">Annuler' in text(page)
    kept = hidden(page, "formulaire-reprise")
    assert kept.pop("csrf_token") != "un-jeton"
    assert kept == IDENTITE | {"cle_idempotence": "cle-de-la-page"}
    assert client.post("/compte/identite", data=kept).status_code == 303
    session.expire_all()
    assert adhesion.personne.nom == "L’Étang & fils"


def test_a_form_refused_is_kept_through_the_second_factor(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion, strong: pyotp.TOTP, refused: TestResponse
) -> None:
    password = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD}
    page = client.post("/connexion", data=hidden(refused, "formulaire-connexion") | password)
    held = hidden(page, "formulaire-code")
    page = client.post("/connexion/second-facteur", data={**held, "code": "000000"})
    assert page.status_code == 422
    held = hidden(page, "formulaire-code")
    clock.instant += timedelta(minutes=11)  # too late: the password again, and still nothing lost
    page = client.post("/connexion/second-facteur", data={**held, "code": strong.at(clock.now())})
    page = client.post("/connexion", data=hidden(page, "formulaire-connexion") | password)
    code = {"code": strong.at(clock.now())}
    page = client.post("/connexion/second-facteur", data=hidden(page, "formulaire-code") | code)
    assert hidden(page, "formulaire-reprise")["nom"] == IDENTITE["nom"]


def test_a_form_refused_is_kept_while_the_second_factor_is_set_up(
    client: FlaskClient,
    clock: FixedClock,
    adhesion: Adhesion,
    web_settings: Settings,
    refused: TestResponse,
) -> None:
    web_settings.totp_required_profiles = adhesion.profil.value
    password = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD}
    page = client.post("/connexion", data=hidden(refused, "formulaire-connexion") | password)
    secret = re.search(r'<code class="insecable">([A-Z2-7 ]+)</code>', text(page))
    assert secret is not None
    code = {"code": pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now())}
    page = client.post("/connexion/activation", data=hidden(page, "formulaire-activation") | code)
    assert hidden(page, "formulaire-reprise")["nom"] == IDENTITE["nom"]


def test_a_form_with_a_password_is_never_kept(client: FlaskClient) -> None:
    typed = {"actuel": "secret-un", "email": "neuve@partenaire.example"}
    page = client.post("/compte/adresse", data=typed)
    assert page.status_code == 401
    assert "neuve@partenaire.example" in text(page)
    assert "secret" not in text(page)
    assert hidden(page, "formulaire-connexion")["reprise"] == ""
    page = client.post("/compte/second-facteur/activer", data={"code": "123456"})
    assert "123456" not in text(page)


@pytest.mark.parametrize(
    "held", ["{", "[]", '{"vers": "//ailleurs.example", "champs": [], "fichiers": false}']
)
def test_what_was_kept_and_tampered_with_is_left(client: FlaskClient, adhesion: Adhesion, held: str) -> None:
    data = {"email": adhesion.personne.email, "mot_de_passe": PASSWORD, "reprise": held, "suite": "/compte"}
    answer = client.post("/connexion", data=data)
    assert (answer.status_code, answer.location) == (303, "/compte")


def test_signing_in_again_in_place_speaks_the_language_of_the_page(client: FlaskClient) -> None:
    french = {"Accept-Language": "fr"} | HTMX
    assert "Se connecter" in text(client.get("/connexion?fragment=1", headers=french))
    english = french | {"X-Langue": "en"}
    for answer in (
        client.get("/connexion?fragment=1", headers=english),
        client.post("/connexion", data={}, headers=english),
    ):
        assert "Se connecter" not in text(answer)
        assert "Sign in" in text(answer)


def test_a_script_learns_whether_the_session_is_open(
    client: FlaskClient, clock: FixedClock, adhesion: Adhesion
) -> None:
    sign_in(client, adhesion.personne.email)
    assert client.get("/session", headers=HTMX).status_code == 204
    clock.instant += timedelta(minutes=31)
    assert client.get("/session", headers=HTMX).status_code == 401


def test_a_refused_form_shows_words_and_no_code(client: FlaskClient) -> None:
    typed = {"natures": "ACCUEIL_JOUR", "mode": "gre_a_gre", "notes": "Tapé après la fin"}
    page = client.post("/conventions/inconnue/modifier", data=typed)
    assert page.status_code == 401
    shown = text(page).split("Ce que vous aviez saisi")[1]
    assert "Tapé après la fin" in shown
    assert "Vos choix et vos cases cochées sont gardés aussi" in shown
    assert "ACCUEIL_JOUR" not in shown
    assert "gre_a_gre" not in shown
