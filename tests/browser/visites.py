"""Every page of the demonstration, as several people: the list is derived from the routes.

Every page is asked for in-process, as everyone. Those that Chromium opens are chosen so that each route, each
refusal and each piece of markup is looked at (`choisir`): two pages that differ by their texts alone would be
looked at twice for nothing. `NAVIGATEUR_COMPLET=1` opens them all.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from itertools import islice, pairwise, product
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.comptes import second_facteur, sessions
from portal.comptes.models import Adhesion, InvitationCompte, JetonReinitialisation, Personne
from portal.conventions.models import Convention, ConventionDocument
from portal.jobs.models import Travail
from portal.jobs.runner import run_due
from portal.organisations.models import Organisation, Structure
from portal.security.permissions import Profil
from portal.security.tokens import token_hash
from tests.browser.serveur import Site

COMPLET = os.environ.get("NAVIGATEUR_COMPLET") == "1"
DEPARTEMENT = "22"
EXTRAIT = Path(__file__).parents[1] / "data" / "finess-extrait.csv"
AWAITING = "attente"  # what the cookie calls the session that awaits a second factor


@dataclass(frozen=True)
class Role:
    """Someone who visits. `attente`: the password was given, the second factor is awaited."""

    nom: str
    email: str = ""
    profil: Profil | None = None
    attente: bool = False


PILOTE = Role("etat-pilote", "pilote@ddets-22.example", Profil.ETAT_PILOTE)
SIAO = Role("siao-direction", "direction@siao-22.example", Profil.SIAO_DIRECTION)
OPERATEUR = Role("operateur-direction", "direction@phare-emeraude.example", Profil.OPERATEUR_DIRECTION)
DEPARTEMENTAL = Role("admin-departement", "administration@ddets-22.example", Profil.ADMIN_DEPARTEMENT)
TECHNIQUE = Role("admin-technique", "technique@portail-demo.example", Profil.ADMIN_TECHNIQUE)
OBSERVATEUR = Role("observateur", "chiffres@observatoire-armor.example", Profil.OBSERVATEUR_AGREGE)
ANONYME = Role("anonyme")
CODE = Role("attend-son-code", "commission@caf-armor.example", Profil.MEMBRE_COMMISSION, attente=True)
ACTIVATION = Role("active-son-code", "logement@departement-22.example", Profil.COLLECTIVITE, attente=True)
# Those who act in the journeys, away from the département that is visited.
PILOTE_75 = Role("pilote-75", "pilote@drihl-75.example", Profil.ETAT_PILOTE)
PILOTE_92 = Role("pilote-92", "pilote@drihl-92.example", Profil.ETAT_PILOTE)
SIAO_92 = Role("siao-92", "direction@siao-92.example", Profil.SIAO_DIRECTION)
PILOTE_69 = Role("pilote-69", "pilote@ddets-69.example", Profil.ETAT_PILOTE)
DEUX_PROFILS = Role("deux-profils", "direction@maison-ligerienne.example", Profil.SIAO_DIRECTION)
ROLES = (PILOTE, SIAO, OPERATEUR, DEPARTEMENTAL, TECHNIQUE, OBSERVATEUR, ANONYME, CODE, ACTIVATION)

# What the routes without parameters also show, depending on their query string.
VARIANTES: dict[str, tuple[str, ...]] = {
    "accueil.recherche": ("q=emeraude", "q=rien+de+tel"),
    "conventions.liste": ("q=rien+de+tel", "etat=signee&echeance=depassee", "tri=-fin"),
    "conventions.nouvelle": ("operateur={organisation}", "q=rien+de+tel"),
    "conventions.lot_cible": ("ref={convention}&ref={autre}",),
    "conventions.lot_responsable": ("ref={convention}&ref={autre}",),
    "conventions.lot_si_siao": ("ref={convention}&ref={autre}",),
    "organisations.liste": ("q=rien+de+tel", "q=a"),
    "structures.liste": ("q=rien+de+tel",),
    "administration.liste": ("q=rien+de+tel",),
    "comptes.connexion": ("suite=/conventions",),
}
# Routes of which several objects are visited: each state of a line, each kind of organisation…
PLUSIEURS = {
    "conventions.detail": 40,
    "conventions.signature": 2,
    "liens.invitation": 3,
    "liens.reinitialisation": 2,
    "organisations.detail": 5,
    "structures.detail": 3,
    "administration.detail": 3,
    "travaux.detail": 2,
    "conventions.import_suivre": 2,
}
REFUSED_ENOUGH = 4
# Forms sent empty, or with a version of the past: the page of the refusal.
REFUS = (
    "comptes.se_connecter",
    "liens.oubli",
    "liens.invitation",
    "liens.reinitialisation",
    "compte.identite",
    "compte.adresse",
    "compte.mot_de_passe",
    "comptes.second_facteur",
    "comptes.activation",
    "equipe.inviter",
    "equipe.modifier",
    "conventions.nouvelle",
    "conventions.date_cible",
    "conventions.dates",
    "conventions.deposer",
    "conventions.importer",
    "conventions.modifier",
    "conventions.reprise",
    "conventions.resilier",
    "conventions.signature",
    "conventions.suspendre",
    "conventions.lot_cible",
    "organisations.ouvrir",
    "organisations.modifier",
    "organisations.rattacher",
    "structures.ouvrir",
    "structures.modifier",
    "parametres.liste",
    "import_finess.deposer",
)


@dataclass
class Objets:
    """What the parameters of the routes are filled with, several of each: the first that answers is taken."""

    par_nom: dict[str, list[str]]
    documents: list[tuple[str, str]]
    jetons: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Vue:
    """One page as one role, in one language. `refus`: the answer to a form that was sent."""

    role: Role
    langue: str
    url: str
    endpoint: str
    statut: int
    html: str
    refus: bool = False

    @property
    def nom(self) -> str:
        return f"{self.role.nom} {self.langue} {self.url}{' (refus)' if self.refus else ''}"

    @property
    def morceaux(self) -> set[tuple[str, str]]:
        """Return what the page is made of, its texts set aside: each pair of tags that follow each other."""
        pieces = [_piece(tag) for tag in TAG.findall(self.html.partition("<body")[2])]
        kept = [piece for piece in pieces if piece]
        return set(pairwise(kept))


TAG = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
DRAWING = ("path", "rect", "line", "use")


def _piece(tag: str) -> str:
    name, _, rest = tag.strip("</>").partition(" ")
    if name in DRAWING or name == "option":
        return ""
    kinds = re.findall(r'\b(?:class|type|role)="[^"]*"', rest)
    attributes = sorted(set(re.findall(r"([\w-]+)=", re.sub(r'"[^"]*"', "", rest))))
    return " ".join([tag[:2].replace(name[0], ""), name, *kinds, *attributes])


def choisir(toutes: Iterable[Vue]) -> list[Vue]:
    """Return the pages to open: one per route and refusal, and whatever holds markup not yet seen."""
    seen: set[tuple[str, str]] = set()
    routes: set[tuple[str, int, bool]] = set()
    chosen = []
    for vue in toutes:
        route = (vue.endpoint, vue.statut, vue.refus)
        morceaux = vue.morceaux
        if COMPLET or route not in routes or not morceaux <= seen:
            chosen.append(vue)
        routes.add(route)
        seen |= morceaux
    return chosen


def client_of(site: Site, role: Role) -> FlaskClient:
    """Return a client of the served application, signed in as a role (its second factor awaited, maybe)."""
    client = site.app.test_client()
    if role.profil is None:
        return client
    with site.database.session(write=True) as session:
        adhesion = session.scalars(
            select(Adhesion)
            .join(Personne)
            .where(Personne.email == role.email, Adhesion.profil == role.profil)
            .where(Adhesion.revoquee_le.is_(None))
        ).first()
        assert adhesion is not None, role.email
        token = sessions.open_session(
            session,
            site.clock,
            adhesion.personne_id,
            "Essai",
            second_factor=not role.attente,
            adhesion_ref=adhesion.ref,
        )
        session.commit()
    with client.session_transaction() as cookie:
        cookie[AWAITING if role.attente else "_user_id"] = token
    return client


def cookie_of(site: Site, client: FlaskClient) -> list[Any]:
    """Return the session cookie of a client, as a browser context takes it."""
    name = site.app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    return [{"name": name, "value": kept.value, "url": site.url}] if kept else []


def parler(site: Site, role: Role, langue: str) -> None:
    """Give a person their language."""
    with site.database.session(write=True) as session:
        personne = session.scalar(select(Personne).where(Personne.email == role.email))
        if personne is not None:
            personne.langue = langue
            session.commit()


def hidden_fields(html: str) -> dict[str, str]:
    """Return the hidden fields of the form of a page, as a browser would send them back."""
    form = html.rpartition('<form class="formulaire"')[2]
    fields = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
    named = {}
    for one in fields:
        name, value = re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)
        if name:
            named[name[1]] = value[1] if value else ""
    return named


def meubler(site: Site) -> Objets:
    """Add to the demonstration what it starts without: a document, links by e-mail, a FINESS reading."""
    with site.database.session(write=True) as session:
        lignes = list(
            session.scalars(
                select(Convention)
                .where(Convention.departement_code == DEPARTEMENT)
                .order_by(Convention.statut, Convention.id)
            )
        )
        varied = {
            (c.statut, c.operateur.nom[:8] if "mer" in c.operateur.nom else "", c.resiliation_effet is None,
             c.reprise, (c.fin_effective or site.clock.now().date()) < site.clock.now().date()): c
            for c in lignes
        }  # fmt: skip
        conventions = [c.ref for c in varied.values()]
        ouverte = next(c for c in lignes if c.statut.value == "en_negociation")
        invitation = session.scalars(select(InvitationCompte)).first()
        chef = session.scalars(
            select(Adhesion).join(Personne).where(Personne.email == DEPARTEMENTAL.email)
        ).first()
        assert invitation is not None
        assert chef is not None
        _invitation(session, invitation, chef, "jeton-invitation-nouvelle", "nouvelle.venue@exemple.example")
        _invitation(session, invitation, chef, "jeton-invitation-connue", OBSERVATEUR.email)
        _reset(session, site, "jeton-mot-de-passe", None)
        _reset(session, site, "jeton-adresse", "autre@observatoire-armor.example")
        cipher = site.app.extensions["portail_cipher"]
        for role in (CODE, ACTIVATION, OBSERVATEUR):
            personne = session.scalars(select(Personne).where(Personne.email == role.email)).one()
            second_facteur.start(session, site.clock, cipher, personne.id)
            if role is CODE:
                personne.totp_active_le = site.clock.now()
        objets = Objets(
            {
                "convention_ref": conventions,
                "organisation_ref": list(
                    session.scalars(
                        select(Organisation.ref)
                        .join(Adhesion, Adhesion.organisation_id == Organisation.id)
                        .where(Adhesion.departement_code == DEPARTEMENT)
                        .distinct()
                        .limit(20)
                    )
                ),
                "structure_ref": list(
                    session.scalars(select(Structure.ref).where(Structure.departement_code == DEPARTEMENT))
                )[:20],
                "adhesion_ref": list(
                    session.scalars(select(Adhesion.ref).where(Adhesion.departement_code == DEPARTEMENT))
                ),
                "invitation_ref": list(session.scalars(select(InvitationCompte.ref))),
                "personne_ref": list(session.scalars(select(Personne.ref).limit(20))),
                "session_ref": [],
                "partie": ["operateur", "siao", "etat"],
                "transition": ["engager", "negocier", "accorder", "mettre_en_signature", "rouvrir"],
            },
            [],
            {
                "liens.invitation": ["jeton-invitation-nouvelle", "jeton-invitation-connue"],
                "liens.reinitialisation": ["jeton-mot-de-passe"],
                "liens.adresse": ["jeton-adresse"],
            },
        )
        ref = ouverte.ref
        session.commit()
    _document(site, ref)
    _finess(site)
    _suivi(site)
    with site.database.session() as session:
        objets.documents = [
            (c.ref, d.ref)
            for c, d in session.execute(
                select(Convention, ConventionDocument).where(
                    ConventionDocument.convention_id == Convention.id
                )
            )
        ]
        objets.par_nom["travail_ref"] = list(session.scalars(select(Travail.ref)))
    return objets


def _invitation(session: Any, model: InvitationCompte, chef: Adhesion, token: str, email: str) -> None:
    session.add(
        InvitationCompte(
            email=email, prenom="Dominique", nom="Nouvelle", organisation_id=chef.organisation_id,
            departement_code=chef.departement_code, profil=Profil.ETAT_AGENT, jeton_hash=token_hash(token),
            expire_le=model.expire_le + timedelta(days=400), invite_par_id=model.invite_par_id,
            created_at=model.created_at, updated_at=model.updated_at,
        )
    )  # fmt: skip


def _reset(session: Any, site: Site, token: str, email: str | None) -> None:
    personne = session.scalars(select(Personne).where(Personne.email == OBSERVATEUR.email)).one()
    now = site.clock.now()
    session.add(
        JetonReinitialisation(
            personne_id=personne.id, jeton_hash=token_hash(token), created_at=now,
            expire_le=now + timedelta(days=1), nouvel_email=email,
        )
    )  # fmt: skip


def _document(site: Site, ref: str) -> None:
    client, url = client_of(site, PILOTE), f"/conventions/{ref}/documents/ajouter"
    fields: dict[str, Any] = hidden_fields(client.get(url).text)
    answer = client.post(url, data=fields | {"libelle": "Projet", "fichier": (BytesIO(PDF), "projet.pdf")})
    assert answer.status_code == 303, url


SUIVI = """Opérateur;Date de signature;Date d'effet;Date de fin
Association des Genêts d'Or (fictive);12/12/2022;12/12/2022;12/12/2026
Association des Ajoncs (fictive);31/02/2023;12/12/2022;12/12/2026
"""
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def _finess(site: Site) -> None:
    client, url = client_of(site, DEPARTEMENTAL), "/organisations/import-finess"
    with EXTRAIT.open("rb") as extract:
        fields: dict[str, Any] = hidden_fields(client.get(url).text)
        answer = client.post(
            url, data=fields | {"departement": DEPARTEMENT, "fichier": (extract, "finess.csv")}
        )
    assert answer.status_code == 303, url
    run_due(site.database, site.clock, site.app.extensions["portail_settings"])


def _suivi(site: Site) -> None:
    """Import a follow-up as far as its report, and leave another at its preview."""
    client = client_of(site, PILOTE)

    def send(url: str, **given: Any) -> str:
        page = client.get(url.removesuffix("/confirmer")).text
        answer = client.post(url, data=hidden_fields(page) | chosen_options(page) | given)
        assert answer.status_code == 303, url
        run_due(site.database, site.clock, site.app.extensions["portail_settings"])
        return str(answer.headers["Location"])

    for _ in range(2):
        columns = send("/conventions/importer", fichier=(BytesIO(SUIVI.encode()), "suivi.csv"))
        preview = send(columns)
    send(f"{preview}/confirmer", lignes="valides", operateur_0="creer", operateur_1="creer")


def chosen_options(html: str) -> dict[str, str]:
    """Return what the lists of choices of a page hold."""
    found = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def vues(site: Site, objets: Objets, role: Role) -> Iterator[Vue]:
    """Yield every page that a role may open, in French, its refusals and its errors."""
    client = client_of(site, role)
    closed = None
    with client.session_transaction() as cookie:
        start = dict(cookie)
    for rule in sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        endpoint, methods = rule.endpoint, rule.methods or set()
        with client.session_transaction() as cookie:
            cookie.update(start)  # whatever the former pages made of it
        found = list(_answers(site, client, rule, objets)) if "GET" in methods else []
        for url, statut, html in found:
            if statut == 403:
                closed = closed or Vue(role, "fr", url, "erreur 403", 403, html)
            else:
                yield Vue(role, "fr", url, endpoint, statut, html)
        if "POST" in methods and endpoint in REFUS and not (role.profil and endpoint.startswith("liens.")):
            yield from _refusal(client, role, endpoint, [url for url, statut, _ in found if statut == 200])
    if closed is not None:
        yield closed
    lost = "/conventions/inconnue/rien"
    yield Vue(role, "fr", lost, "erreur 404", 404, client.get(lost).text)


def en_anglais(site: Site, vues: Iterable[Vue]) -> Iterator[Vue]:
    """Yield the same pages in English: each route once, unless the whole is asked for."""
    clients: dict[Role, FlaskClient] = {}
    routes: set[tuple[str, int]] = set()
    for vue in vues:
        if not COMPLET and (vue.endpoint, vue.statut) in routes:
            continue
        if vue.role not in clients:
            parler(site, vue.role, "en")
            clients[vue.role] = client_of(site, vue.role)
            clients[vue.role].set_cookie("langue", "en")
        if not vue.refus:
            routes.add((vue.endpoint, vue.statut))
            yield replace(vue, langue="en", html=clients[vue.role].get(vue.url).text)
    for role in clients:
        parler(site, role, "fr")


def _refusal(client: FlaskClient, role: Role, endpoint: str, urls: list[str]) -> Iterator[Vue]:
    if endpoint == "comptes.se_connecter":
        urls = ["/connexion"]
    for url in urls:
        if endpoint == "conventions.nouvelle" and "operateur" not in url:
            continue
        fields = hidden_fields(client.get(url).text) | {"version": "0"}
        answer = client.post(url, data=fields)
        if answer.status_code in (409, 422):
            yield Vue(role, "fr", url, endpoint, answer.status_code, answer.text, refus=True)
            return


def _answers(site: Site, client: FlaskClient, rule: Rule, objets: Objets) -> Iterator[tuple[str, int, str]]:
    """Yield (address, status, HTML) of a route: as many of its pages as say something different."""
    adapter = site.app.url_map.bind("localhost")
    wanted, seen = PLUSIEURS.get(rule.endpoint, 1), dict.fromkeys((200, 403, 409), 0)
    for values in _values(rule, objets):
        url = adapter.build(rule.endpoint, values)
        answer = client.get(url)
        statut = answer.status_code
        if statut not in seen or not answer.data.startswith(b"<!DOCTYPE"):
            continue
        seen[statut] += 1
        if statut == 200 or seen[statut] == 1:
            yield url, statut, answer.text
        if seen[200] >= wanted or seen[403] > REFUSED_ENOUGH:
            break
    for query in VARIANTES.get(rule.endpoint, ()) if seen[200] else ():
        refs, organisations = objets.par_nom["convention_ref"], objets.par_nom["organisation_ref"]
        filled = query.format(convention=refs[0], autre=refs[1], organisation=organisations[-1])
        url = f"{adapter.build(rule.endpoint)}?{filled}"
        answer = client.get(url)
        if answer.status_code == 200:
            yield url, 200, answer.text


def _values(rule: Rule, objets: Objets) -> Iterator[dict[str, str]]:
    names = sorted(rule.arguments)
    if "document_ref" in names:
        for convention, document in objets.documents:
            yield {"convention_ref": convention, "document_ref": document}
        return
    if "jeton" in names:
        for token in [*objets.jetons[rule.endpoint], "inconnu"]:
            yield {"jeton": token}
        return
    choices = [objets.par_nom[name] for name in names]
    for values in islice(product(*choices), 60):
        yield dict(zip(names, values, strict=True))
