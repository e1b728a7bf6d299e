"""Walking every route as anyone: what must never come back, and what must never be done."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.security.permissions import OPERATEUR, SIAO, Profil
from portal.shared.db import Database
from tests.monde import Monde

SAFE = {"GET"}
FRAGMENT = {"HX-Request": "true"}
OTHERS = {
    "code": "6.3",
    "quoi": "document",
    "sorte": "pdf",
    "clause": "2",
    "champ": "contacts_siao",
    "question": "A1",
    "transition": "demarrer",
    "partie": "operateur",
    "jeton": "inconnu",
    "geste": "corriger",
    "cle": "inconnue",
    "prereglage": "CUO",
    "genre": "reglement",
    "objet": "transmission",
    "section": "A",
    "etape": "positionnee",
    "chiffre": "K2",
}

# Routes that also name an object in their query string: argument, and the kind of object.
IN_QUERY = {
    "equipe.liste": ("organisation", "organisation_ref"),
    "equipe.inviter": ("organisation", "organisation_ref"),
    "conventions.nouvelle": ("operateur", "organisation_ref"),
    "annuaire.liste": ("organisation", "organisation_ref"),
    "annuaire.ouvrir": ("organisation", "organisation_ref"),
    "annuaire.interlocuteurs_de": ("structure", "structure_ref"),
}

# Routes that ask for something of the shared reference too: what is added to their address.
ASKED = {"annuaire.interlocuteurs_de": "commune=22278"}

# What a profile may read outside of its own side, and why (beginnings of « table column »).
SHARED: dict[Profil, tuple[str, ...]] = {
    # Aggregated figures are told SIAO by SIAO: the name of a SIAO is public.
    Profil.OBSERVATEUR_AGREGE: ("organisationnom",),
    Profil.TETE_DE_RESEAU: ("organisationnom",),
    # The technical administrator runs accounts: who has one, in which organisation, and nothing else.
    Profil.ADMIN_TECHNIQUE: ("organisation", "personne", "invitationcompte"),
}
# The directory is shared by design among the partners of a département: whoever reads it meets the entries of
# the others of the same département, and the name of who opened them.
ANNUAIRE = ("referent", "titulaire", "organisationnom", "organisationsigle")
ANNUAIRE_BLUEPRINT = "annuaire."
# So is what a commission is, who sits and when (domaine.md § 10.3); where it meets and who comes is not.
COMMISSIONS = (
    *ANNUAIRE, "commissionnom", "commissionfinalite", "commissionfondement", "commissionterritoire",
    "commissionlieu", "commissionvalidee", "commissioncollege", "commissiontexte",
)  # fmt: skip
COMMISSIONS_BLUEPRINT = "commissions."
COMMISSIONS_LUES = OPERATEUR | {Profil.BAILLEUR_REFERENT, Profil.RESERVATAIRE, Profil.COLLECTIVITE}
WIDE = {  # profiles that see the whole of their département: the rival's rows too
    Profil.ADMIN_DEPARTEMENT, Profil.ETAT_PILOTE, Profil.ETAT_AGENT, Profil.SIAO_DIRECTION,
    Profil.SIAO_REGULATEUR, Profil.SIAO_MISSION_LOGEMENT,
}  # fmt: skip

# What a household told is read by the SIAO of its département and, of one's own side, by whoever it was
# transmitted to: names, demand number, and the answers that it let go. By a colleague, by the State: nothing.
MENAGES = (
    "menages.", "remplissage.", "autorisations.", "transmissions.", "grilles_recues.", "fin_de_vie.",
)  # fmt: skip
MENAGE_TRANSMIS = (
    "menagenom", "menageprenom", "menagenumero", "menagereponseouverte", "menageremarque", "menagesuite",
    "menageexpediteur", "menageprescription",
)  # fmt: skip


class Sandbox(Database):
    """A database whose every commit stays inside one transaction, undone after each request."""

    def __init__(self, real: Database) -> None:
        self.url, self.is_sqlite, self.engine = real.url, real.is_sqlite, real.engine
        self.info = real.info
        self._connection = real.engine.connect()
        self._outer = self._connection.begin()

    def session(self, *, write: bool = False) -> Session:
        return Session(
            self._connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=False,
            autoflush=True,
            info=self.info,
        )

    def reading(self) -> Session:
        return self.session()

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


class Regard(dict[str, Any]):
    """The WSGI variables of a request, which know whether a header of htmx was looked up among them."""

    vu = False

    def __getitem__(self, key: str) -> Any:
        self.vu = self.vu or key.startswith("HTTP_HX_")
        return super().__getitem__(key)


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


def parcourir(
    app: Flask, monde: Monde, client: Callable[[], FlaskClient], depth: int = 2
) -> Iterator[tuple[Visite, TestResponse]]:
    """Yield every request of the walk with its answer, undone.

    A fragment is asked for when the page looked for what htmx sends: otherwise its answer is the page's.
    """
    last: Regard | None = None
    served = app.wsgi_app

    def look(environ: dict[str, Any], start: Any) -> Any:
        nonlocal last
        last = Regard(environ)
        return served(last, start)

    with sandboxed(app) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "wsgi_app", look)
        same: set[str] = set()
        for visite in visites(app, monde, depth=depth):
            if visite.fragment and visite.url in same:
                continue
            response = visite.ask(client())
            sandbox.undo()
            if last is not None and not last.vu and visite.method == "GET":
                same.add(visite.url)
            yield visite, response


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
        if rule.endpoint in ASKED:
            yield f"{path}?{ASKED[rule.endpoint]}", ""
        if rule.endpoint in IN_QUERY:
            argument, kind = IN_QUERY[rule.endpoint]
            for side in (monde.sien, monde.rival, monde.etranger):
                yield from ((f"{path}?{argument}={ref}", side.nom) for ref in side.refs[kind][:depth])
        return
    for side in (monde.sien, monde.rival, monde.etranger):
        choices = [side.refs.get(name, ["inconnue"])[:depth] for name in objects]
        for refs in zip(*choices, strict=False) if len(objects) > 1 else product(*choices):
            yield adapter.build(rule.endpoint, others | dict(zip(objects, refs, strict=True))), side.nom


CANARY = re.compile("CANARI([REC])([a-z]+)", re.IGNORECASE)  # rival, étranger, a household of a colleague


def leaks(response: TestResponse, profil: Profil | None, endpoint: str = "") -> set[str]:
    """Return the canaries that a response should not hold, in its body, headers or file names."""
    shared = ANNUAIRE if profil and endpoint.startswith(ANNUAIRE_BLUEPRINT) else ()
    if profil in COMMISSIONS_LUES and endpoint.startswith(COMMISSIONS_BLUEPRINT):
        shared = COMMISSIONS
    text = _text_of(response.get_data()) + str(response.headers)
    allowed = SHARED.get(profil, ()) if profil else ()
    found = set()
    for side, word in CANARY.findall(text) if "canari" in text.lower() else ():
        if word.lower().startswith("menage"):
            if not menage_lisible(side.upper(), word.lower(), profil):
                found.add(f"{side}{word}")
            continue
        theirs = side.upper() == "R" and profil in WIDE
        theirs = theirs or (side.upper() == "R" and word.lower().startswith(shared or ("\0",)))
        if not theirs and not any(word.lower().startswith(part) for part in allowed):
            found.add(f"{side}{word}")
    return found


def menage_lisible(side: str, word: str, profil: Profil | None) -> bool:
    """Tell whether a profile may read a canary of a household of a side (R, E, or C: one's own)."""
    if profil in SIAO:
        return side in "RC"
    return side == "C" and profil is Profil.BAILLEUR_REFERENT and word.startswith(MENAGE_TRANSMIS)


def _text_of(body: bytes) -> str:
    """Return what a body says; a workbook is opened."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
