"""Walking every route as anyone: what must never come back, and what must never be done."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.security.permissions import Profil
from portal.shared.db import Database
from tests.monde import Monde

SAFE = {"GET"}
FRAGMENT = {"HX-Request": "true"}
OTHERS = {"transition": "demarrer", "partie": "operateur", "jeton": "inconnu", "cle": "inconnue"}

# Routes that also name an object in their query string: argument, and the kind of object.
IN_QUERY = {
    "equipe.liste": ("organisation", "organisation_ref"),
    "equipe.inviter": ("organisation", "organisation_ref"),
    "conventions.nouvelle": ("operateur", "organisation_ref"),
}

# What a profile may read outside of its own side, and why (beginnings of « table column »).
SHARED: dict[Profil, tuple[str, ...]] = {
    # Aggregated figures are told SIAO by SIAO: the name of a SIAO is public.
    Profil.OBSERVATEUR_AGREGE: ("organisationnom",),
    Profil.TETE_DE_RESEAU: ("organisationnom",),
    # The technical administrator runs accounts: who has one, in which organisation, and nothing else.
    Profil.ADMIN_TECHNIQUE: ("organisation", "personne", "invitationcompte"),
}
WIDE = {  # profiles that see the whole of their département: the rival's rows too
    Profil.ADMIN_DEPARTEMENT, Profil.ETAT_PILOTE, Profil.ETAT_AGENT, Profil.SIAO_DIRECTION,
    Profil.SIAO_REGULATEUR, Profil.SIAO_MISSION_LOGEMENT,
}  # fmt: skip


class Sandbox(Database):
    """A database whose every commit stays inside one transaction, undone after each request."""

    def __init__(self, real: Database) -> None:
        self.url, self.is_sqlite, self.engine = real.url, real.is_sqlite, real.engine
        self._connection = real.engine.connect()
        self._outer = self._connection.begin()

    def session(self, *, write: bool = False) -> Session:
        return Session(
            self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=True
        )

    def undo(self) -> None:
        self._outer.rollback()
        self._outer = self._connection.begin()

    def close(self) -> None:
        self._outer.rollback()
        self._connection.close()


@contextmanager
def sandboxed(app: Flask) -> Iterator[Sandbox]:
    """Give the application a database that forgets what each request wrote."""
    real: Database = app.extensions["portail_database"]
    sandbox = Sandbox(real)
    app.extensions["portail_database"] = sandbox
    try:
        yield sandbox
    finally:
        sandbox.close()
        app.extensions["portail_database"] = real


class Marcheur:
    """Someone who walks: each request leaves with the cookies of the start."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        name = client.application.config["SESSION_COOKIE_NAME"]
        kept = client.get_cookie(name)
        self.cookie = (name, kept.value) if kept else None

    def fresh(self) -> FlaskClient:
        """Return the client, its session cookie as at the start."""
        if self.cookie:
            self.client.set_cookie(*self.cookie)
        return self.client


@dataclass(frozen=True)
class Visite:
    """One request of the walk."""

    endpoint: str
    method: str
    url: str
    side: str  # whose objects the URL names: sien, rival, etranger, or "" when it names none
    fragment: bool

    def ask(self, client: FlaskClient) -> TestResponse:
        headers = FRAGMENT if self.fragment else {}
        return client.open(
            self.url, method=self.method, headers=headers, data={} if self.method != "GET" else None
        )


def visites(app: Flask, monde: Monde, *, depth: int = 2) -> list[Visite]:
    """Return every request of the walk; `depth`: how many objects of a kind are visited on each side."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.endpoint, r.rule)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for fragment in (False, True) if method == "GET" else (False,):
                found += [
                    Visite(rule.endpoint, method, url, side, fragment)
                    for url, side in urls(app, rule, monde, depth)
                ]
    return found


def urls(app: Flask, rule: Rule, monde: Monde, depth: int) -> Iterator[tuple[str, str]]:
    """Build a rule's URLs with the objects of each side."""
    adapter = app.url_map.bind("localhost")
    names = sorted(rule.arguments)
    objects = [name for name in names if name.endswith("_ref")]
    others = {name: OTHERS[name] for name in names if name not in objects}
    if not objects:
        path = adapter.build(rule.endpoint, others)
        yield path, ""
        if rule.endpoint in IN_QUERY:
            argument, kind = IN_QUERY[rule.endpoint]
            for side in (monde.sien, monde.rival, monde.etranger):
                yield from ((f"{path}?{argument}={ref}", side.nom) for ref in side.refs[kind][:depth])
        return
    for side in (monde.sien, monde.rival, monde.etranger):
        choices = [side.refs.get(name, ["inconnue"])[:depth] for name in objects]
        for refs in zip(*choices, strict=False) if len(objects) > 1 else product(*choices):
            yield adapter.build(rule.endpoint, others | dict(zip(objects, refs, strict=True))), side.nom


def leaks(response: TestResponse, profil: Profil | None) -> set[str]:
    """Return the canaries that a response should not hold, in its body, headers or file names."""
    text = _text_of(response.get_data()) + str(response.headers)
    allowed = SHARED.get(profil, ()) if profil else ()
    found = set()
    for side, word in re.findall(r"CANARI([RE])([a-z]+)", text, re.IGNORECASE):
        theirs = side.upper() == "R" and profil in WIDE
        if not theirs and not any(word.lower().startswith(part) for part in allowed):
            found.add(f"{side}{word}")
    return found


def _text_of(body: bytes) -> str:
    """Return what a body says; a workbook is opened."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
