"""What holds on every answer: headers, forgery, redirections, hosts, cookies, error pages."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy.orm import Session

from portal import create_app
from portal.config import Settings
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.web.guards import local_target
from tests.monde import build
from tests.parcours import Marcheur, sandboxed, visites

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize(
    "path", ["/connexion", "/aide", "/healthz", "/absente", "/a-faire", "/static/css/portal.css"]
)
def test_every_answer_carries_the_security_headers(
    app: Flask, client_for: Callable[..., FlaskClient], path: str
) -> None:
    response = client_for().get(path, buffered=True)
    expected = HEADERS | ({"Cache-Control": "max-age=31536000, public"} if "static" in path else {})
    assert {name: response.headers.get(name) for name in expected} == expected
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "static" in path or "HX-Request" in response.headers["Vary"]


def test_a_null_character_is_refused_wherever_it_stands(client_for: Callable[..., FlaskClient]) -> None:
    for path in ("/conventions/a%00b", "/aide?q=%00", "/aide?%00=q", "/aide?q=a&q=%00"):
        assert client_for().get(path).status_code == 400, path
    repeated = {"email": ["a@ajoncs.example", "\x00"]}
    assert client_for().post("/annuaire/mon-lien", data=repeated).status_code == 400


def test_pages_hold_no_inline_script_nor_style(client_for: Callable[..., FlaskClient]) -> None:
    for path in ("/connexion", "/aide", "/mentions-legales"):
        page = client_for().get(path).get_data(as_text=True)
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert "onclick" not in page


def test_no_unsafe_route_takes_a_forged_form(
    app: Flask,
    session: Session,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Callable[..., FlaskClient],
) -> None:
    monde = build(session, factories)
    app.config["WTF_CSRF_ENABLED"] = True
    taken = []
    with sandboxed(app) as sandbox:
        for profil in (Profil.ETAT_PILOTE, Profil.ADMIN_DEPARTEMENT, Profil.ADMIN_TECHNIQUE):
            marcheur = Marcheur(client_for(actor_for(profil)))
            for visite in visites(app, monde):
                if visite.method == "GET" or visite.side in {"rival", "etranger"}:
                    continue
                status = visite.ask(marcheur.fresh()).status_code
                sandbox.undo()
                if status != 400:
                    taken.append(f"{visite}: {status}")
    assert taken == []


@pytest.mark.parametrize(
    "target",
    [
        "https://ailleurs.example/",
        "//ailleurs.example",
        "/\\ailleurs.example",
        "\\/ailleurs.example",
        "javascript:alert(1)",
        "/a\nfaire",
        "",
        None,
    ],
)
def test_no_open_redirection(target: str | None) -> None:
    assert local_target(target) == "/"


def test_a_path_of_the_portal_is_followed() -> None:
    assert local_target("/conventions?etat=projet#ligne") == "/conventions?etat=projet#ligne"


@pytest.fixture
def settings(tmp_path: Path, database: object) -> Settings:
    from portal.shared.db import Database

    assert isinstance(database, Database)
    return Settings(
        environnement="test",
        var_dir=tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        public_url="https://portail.example",
        trusted_hosts="portail.example",
        maintenance=False,
    )


def test_under_tls_cookies_are_bound_to_the_host_and_other_hosts_refused(settings: Settings) -> None:
    client = create_app(settings).test_client()
    response = client.get("/connexion", base_url="https://portail.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portail=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]
    for path in ("/connexion", "/static/css/portal.css"):
        for host, answered in (("portail", 200), ("ailleurs", 400)):
            with client.get(path, base_url=f"https://{host}.example") as answer:
                assert answer.status_code == answered


def test_maintenance_answers_503_and_health_stays(settings: Settings) -> None:
    client = create_app(settings.model_copy(update={"maintenance": True})).test_client()
    page = client.get("/connexion", base_url="https://portail.example")
    assert page.status_code == 503
    assert "maintenance" in page.get_data(as_text=True).lower()
    assert client.get("/healthz", base_url="https://portail.example").status_code == 200


def test_a_failure_says_what_to_do_and_shows_nothing_of_the_inside(
    app: Flask, client_for: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("secret interne")

    fail.garde = "public"  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "pages.cookies", fail)
    response = client_for().get("/cookies")
    assert response.status_code == 500
    assert "secret interne" not in response.get_data(as_text=True)
    assert "Traceback" not in response.get_data(as_text=True)


def test_a_dead_database_answers_without_a_second_failure(tmp_path: Path) -> None:
    settings = Settings(
        environnement="test", var_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'non' / 'b.sqlite3'}"
    )
    client = create_app(settings).test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "un-jeton"
    assert client.get("/a-faire").status_code == 503
    assert client.get("/readyz").status_code == 503


class Body(io.BytesIO):
    """A body that says whether it was read."""

    was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.was_read = True
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        self.was_read = True
        return super().readinto(buffer)


def send(client: FlaskClient, path: str, size: int) -> tuple[int, bool]:
    """Post a body that announces so many bytes; return the status, and whether anything of it was read."""
    body = Body()
    response = client.post(
        path,
        input_stream=body,
        content_type="multipart/form-data; boundary=limite",
        environ_overrides={"CONTENT_LENGTH": str(size)},
    )
    return response.status_code, body.was_read


MEGA = 1024 * 1024


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/connexion", 413),
        ("/invitation/abc", 413),
        ("/absente", 413),
        ("/conventions/nouvelle", 401),
        ("/organisations/import-finess", 401),
        ("/conventions/importer", 401),
    ],
)
def test_nothing_large_is_read_from_who_is_not_signed_in(
    app: Flask, client_for: Callable[..., FlaskClient], path: str, status: int, *, protected: bool
) -> None:
    app.config["WTF_CSRF_ENABLED"] = protected
    client = client_for()
    assert send(client, path, 50 * MEGA) == (status, False)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "un-jeton-inconnu"
    assert send(client, path, 3 * MEGA) == (status, False)


def test_large_files_are_read_from_who_may_send_them_only(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]
) -> None:
    outsider = client_for(actor_for(Profil.BAILLEUR_REFERENT))
    assert send(outsider, "/organisations/import-finess", 50 * MEGA) == (403, False)
    allowed = client_for(actor_for(Profil.ADMIN_DEPARTEMENT))
    assert send(allowed, "/compte/identite", 50 * MEGA) == (413, False)
    assert send(allowed, "/organisations/import-finess", 50 * MEGA)[1]


def test_too_large_a_file_gets_its_own_message(
    client_for: Callable[..., FlaskClient], actor_for: Callable[..., Actor]
) -> None:
    client = client_for(actor_for(Profil.ETAT_PILOTE))
    response = client.post("/compte/identite", data={"nom": "0" * 21 * MEGA})
    assert response.status_code == 413
    assert re.search(r"Taille maximale acceptée\s:\s20\sMo", response.get_data(as_text=True))


def test_a_session_that_ended_shows_what_was_typed_but_no_password(
    client_for: Callable[..., FlaskClient],
) -> None:
    typed = {"notes": "Rappeler lundi", "actuel": "secret-un", "mot_de_passe": "secret-deux"}
    page = client_for().post("/compte/mot-de-passe", data=typed | {"confirmation": "secret-deux"})
    assert page.status_code == 401
    assert "Rappeler lundi" in page.text
    assert "secret" not in page.text


COMPLETE = {
    "secret_key": "un secret de production assez long pour compter",
    "trusted_hosts": "portail.example",
    "encryption_keys": "une-cle",
    "hash_key": "un secret des empreintes assez long pour compter",
    "public_url": "https://portail.example",
}


def test_production_starts_when_everything_is_said() -> None:
    assert Settings(environnement="production", **COMPLETE).https  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {},
        COMPLETE | {"secret_key": "court"},
        {key: value for key, value in COMPLETE.items() if key != "secret_key"},
        {key: value for key, value in COMPLETE.items() if key != "trusted_hosts"},
        {key: value for key, value in COMPLETE.items() if key != "encryption_keys"},
        COMPLETE | {"hash_key": "court"},
        COMPLETE | {"public_url": "http://portail.example"},
    ],
)
def test_production_refuses_to_start_half_configured(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(environnement="production", **given)  # type: ignore[arg-type]
