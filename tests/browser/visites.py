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
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

from portal.annuaire.models_vie import LienAnnuaire
from portal.commissions.enums import StatutSeance
from portal.commissions.models import College, Commission
from portal.commissions.models_seances import InvitationSeance, JetonInvitation, Seance
from portal.comptes import acteurs, second_facteur, sessions
from portal.comptes.models import Adhesion, InvitationCompte, JetonReinitialisation, Personne
from portal.conventions.avenants.models import Avenant
from portal.conventions.bilans.models import Bilan
from portal.conventions.enums import Statut
from portal.conventions.modeles import service as modeles
from portal.conventions.modeles.lecture import modeles_de_reference
from portal.conventions.modeles.queries import versions
from portal.conventions.models import Convention, ConventionDocument
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.signature.models import TexteFige
from portal.conventions.tours.models import Tour, TourParticipant, TourReunion
from portal.jobs.models import Travail
from portal.organisations.models import Organisation, Structure
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.security.tokens import token_hash
from tests.browser import meubles
from tests.browser.serveur import Site
from tests.modeles_word import docx

COMPLET = os.environ.get("NAVIGATEUR_COMPLET") == "1"
DEPARTEMENT = "22"
EXTRAIT = Path(__file__).parents[1] / "data" / "finess-extrait.csv"
CLAUSES = ("5.2", "6.3", "7.2", "PAR", "1")  # starred, always with its sentence, green, long, fixed
PROOF = "preuve"  # what the cookie calls the password given again
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
TRAVAIL = Role("travailleur-social", "travail.social@phare-emeraude.example", Profil.TRAVAILLEUR_SOCIAL)
ORGANISATION = Role("admin-organisation", "administration@phare-emeraude.example", Profil.ADMIN_ORGANISATION)
BAILLEUR = Role("bailleur-referent", "referent@habitat-des-landes.example", Profil.BAILLEUR_REFERENT)
OBSERVATEUR = Role("observateur", "chiffres@observatoire-armor.example", Profil.OBSERVATEUR_AGREGE)
MISSION = Role("siao-mission", "logement@siao-22.example", Profil.SIAO_MISSION_LOGEMENT)  # furnishes, only
ANONYME = Role("anonyme")
CODE = Role("attend-son-code", "commission@caf-armor.example", Profil.MEMBRE_COMMISSION, attente=True)
ACTIVATION = Role("active-son-code", "logement@departement-22.example", Profil.COLLECTIVITE, attente=True)
# Those who act in the journeys, away from the département that is visited.
PILOTE_75 = Role("pilote-75", "pilote@drihl-75.example", Profil.ETAT_PILOTE)
PILOTE_92 = Role("pilote-92", "pilote@drihl-92.example", Profil.ETAT_PILOTE)
SIAO_92 = Role("siao-92", "direction@siao-92.example", Profil.SIAO_DIRECTION)
PILOTE_69 = Role("pilote-69", "pilote@ddets-69.example", Profil.ETAT_PILOTE)
DEUX_PROFILS = Role("deux-profils", "direction@maison-ligerienne.example", Profil.SIAO_DIRECTION)
ROLES = (
    PILOTE,
    SIAO,
    OPERATEUR,
    TRAVAIL,
    ORGANISATION,
    BAILLEUR,
    DEPARTEMENTAL,
    TECHNIQUE,
    OBSERVATEUR,
    ANONYME,
    CODE,
    ACTIVATION,
)

# What the routes without parameters also show, depending on their query string.
VARIANTES: dict[str, tuple[str, ...]] = {
    "modeles.index": ("vue=tout", "vue=a_completer", "modele=simplifie"),
    "accueil.recherche": ("q=emeraude", "q=rien+de+tel"),
    "commissions.seances": ("vue=liste",),
    "conventions.liste": ("q=rien+de+tel", "etat=signee&echeance=depassee", "tri=-fin"),
    "conventions.nouvelle": ("operateur={organisation}", "q=rien+de+tel"),
    "tours.ouvrir": ("nature=CHU",),
    "conventions.lot_cible": ("ref={convention}&ref={autre}",),
    "conventions.lot_responsable": ("ref={convention}&ref={autre}",),
    "conventions.lot_si_siao": ("ref={convention}&ref={autre}",),
    "organisations.liste": ("q=rien+de+tel", "q=a"),
    "structures.liste": ("q=rien+de+tel",),
    "administration.liste": ("q=rien+de+tel",),
    "annuaire.tableau": ("par=arrondissement&departement=22",),
    "annuaire.fiches": ("situation=vide", "lieu=rien"),
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
    "modeles.version": 2,
    "modeles_import.detail": 2,
    "tours.clause": 3,
    "tours.etape": 2,
    "conventions.import_suivre": 2,
    "annuaire.import_suivre": 2,
    "signature.circuit": 40,
    "avenants.liste": 40,
    "avenants.clause": 40,  # that of an avenant under negotiation alone leads to its proposal
    "avenants.detail": 4,
    "avenants.etape": 3,
    "bilans.ligne": 40,
    "commissions.seance": 12,  # those convened, to convene, held: each leads to its own acts
    "bilans.bilan": 3,
    "menages.detail": 15,
    "remplissage.grille": 15,
    "autorisations.fiche": 8,
    "transmissions.suivi": 3,
    "grilles_recues.lire": 3,
    "fin_de_vie.demande": 3,
    "conduite.seance": 2,
    "suites.decision": 3,
    "invitations.accueil": 3,  # its code, the texts, the dossiers
    "recus.page": 2,
}
REFUSED_ENOUGH = 4
# Forms sent empty, or with a version of the past: the page of the refusal.
REFUS = (
    "comptes.se_connecter",
    "liens.oubli",
    "annuaire.mon_lien",
    "annuaire.signaler",
    "annuaire.importer",
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
    "modeles.champ",
    "modeles_import.deposer",
    "modeles_import.clause",
    "modeles_import.champ",
    "modeles_import.rouvrir",
    "tours.ecart",
    "tours.etape",
    "tours.convoquer",
    "tours.modifier_reunion",
    "tours.modifier_socle",
    "signature.figer",
    "signature.signer",
    "signature.deposer",
    "signature.refuser",
    "signature.deleguer",
    "avenants.ouvrir",
    "avenants.modifier",
    "avenants.etape",
    "avenants.proposer",
    "bilans.rediger",
    "commissions.modifier",
    "commissions.seance_modifier",
    "commissions.seance_annuler",
    "commissions.repondre",
)


@dataclass
class Objets:
    """What the parameters of the routes are filled with, several of each: the first that answers is taken."""

    par_nom: dict[str, list[str]]
    documents: list[tuple[str, str]]
    jetons: dict[str, list[str]] = field(default_factory=dict)
    textes: list[str] = field(default_factory=list)
    tours: list[dict[str, str]] = field(default_factory=list)
    adresses: list[str] = field(default_factory=list)  # given by e-mails alone: a frozen text
    cookies: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # of who has no account: name, value, path


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
LINK = re.compile(r'href="(/[^"#?]*)')
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
            .order_by(Adhesion.id)
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
        cookie[PROOF] = int(site.clock.now().timestamp())
    return client


def cookie_of(site: Site, client: FlaskClient) -> list[Any]:
    """Return the session cookie of a client, as a browser context takes it."""
    name = site.app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    return [{"name": name, "value": kept.value, "url": site.url}] if kept else []


def visiteur(site: Site, role: Role, objets: Objets) -> FlaskClient:
    """Return the client of a role, who gave their code where there is no account."""
    client = client_of(site, role)
    if role is ANONYME:
        for name, value, path in objets.cookies:
            client.set_cookie(name, value, path=path)
    return client


def cookies_of(site: Site, role: Role, objets: Objets) -> list[Any]:
    """Return the cookies of a role, as a browser context takes them."""
    guest = objets.cookies if role is ANONYME else []
    return cookie_of(site, client_of(site, role)) + [
        {"name": name, "value": value, "domain": "127.0.0.1", "path": path} for name, value, path in guest
    ]


def _actor(session: Session, role: Role) -> Actor:
    adhesion = session.scalars(
        select(Adhesion)
        .join(Personne)
        .where(Personne.email == role.email, Adhesion.profil == role.profil)
        .order_by(Adhesion.id)
    ).first()
    assert adhesion is not None, role.email
    actor = acteurs.of_membership(session, adhesion.id)
    assert actor is not None
    return actor


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
        suivies = {
            id_
            for model in (TexteFige, Avenant, Bilan)
            for id_ in session.scalars(select(model.convention_id).distinct().order_by(model.convention_id))
        }
        conventions = [c.ref for c in varied.values()]
        conventions += [c.ref for c in lignes if c.id in suivies and c.ref not in conventions][:15]
        ouverte = next(c for c in lignes if c.statut.value == "en_negociation")
        invitation = session.scalars(select(InvitationCompte).order_by(InvitationCompte.id)).first()
        chef = session.scalars(
            select(Adhesion).join(Personne).where(Personne.email == DEPARTEMENTAL.email).order_by(Adhesion.id)
        ).first()
        assert invitation is not None
        assert chef is not None
        _invitation(session, invitation, chef, "jeton-invitation-nouvelle", "nouvelle.venue@exemple.example")
        _invitation(session, invitation, chef, "jeton-invitation-connue", OBSERVATEUR.email)
        session.add(
            LienAnnuaire(
                email=OPERATEUR.email,
                jeton_hash=token_hash("jeton-annuaire"),
                created_at=site.clock.now(),
                expire_le=site.clock.now() + timedelta(days=30),
            )
        )
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
                        .where(
                            Organisation.id.in_(
                                select(Adhesion.organisation_id).where(
                                    Adhesion.departement_code == DEPARTEMENT
                                )
                            )
                        )
                        .order_by(Organisation.id)
                        .limit(20)
                    )
                ),
                "structure_ref": list(
                    session.scalars(
                        select(Structure.ref)
                        .where(Structure.departement_code == DEPARTEMENT)
                        .order_by(Structure.id)
                        .limit(20)
                    )
                ),
                "adhesion_ref": list(
                    session.scalars(
                        select(Adhesion.ref)
                        .where(Adhesion.departement_code == DEPARTEMENT)
                        .order_by(Adhesion.id)
                    )
                ),
                "invitation_ref": list(
                    session.scalars(select(InvitationCompte.ref).order_by(InvitationCompte.id))
                ),
                "personne_ref": list(session.scalars(select(Personne.ref).order_by(Personne.id).limit(20))),
                "session_ref": [],
                "partie": ["operateur", "siao", "etat"],
                "transition": ["engager", "negocier", "accorder", "mettre_en_signature", "rouvrir"],
            },
            [],
            jetons={
                "liens.invitation": ["jeton-invitation-nouvelle", "jeton-invitation-connue"],
                "liens.reinitialisation": ["jeton-mot-de-passe"],
                "liens.adresse": ["jeton-adresse"],
                "convocations.repondre": ["jeton-convocation"],
                "annuaire.lien": ["jeton-annuaire"],
                "annuaire.lien_retirer": ["jeton-annuaire"],
            },
        )
        ref = ouverte.ref
        _convocation(session, site)
        session.commit()
    _document(site, ref)
    _finess(site)
    _suivi(site)
    _fiches(site)
    _une_seule_personne(site)
    with site.database.session() as session:
        objets.textes = list(
            session.scalars(
                select(Convention.ref)
                .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
                .order_by(Convention.id)
            )
        )
        objets.adresses = [
            f"/conventions/{ligne}/{f'avenants/{avenant}' if avenant else 'circuit'}/textes/{fige}"
            for ligne, avenant, fige in session.execute(
                select(Convention.ref, Avenant.ref, TexteFige.ref)
                .join(Convention, Convention.id == TexteFige.convention_id)
                .outerjoin(Avenant, Avenant.id == TexteFige.avenant_id)
                .where(Convention.departement_code == DEPARTEMENT)
                .order_by(TexteFige.id)
            )
        ]
        objets.adresses += [
            f"/commissions/{commission}/colleges/{end}"
            for commission, college in session.execute(
                select(Commission.ref, College.ref)
                .join(College, College.commission_id == Commission.id)
                .where(Commission.departement_code == DEPARTEMENT)
                .order_by(College.id)
                .limit(1)
            )
            for end in (college, "nouveau")
        ]
        objets.documents = [
            (c.ref, d.ref)
            for c, d in session.execute(
                select(Convention, ConventionDocument)
                .where(ConventionDocument.convention_id == Convention.id)
                .order_by(ConventionDocument.id)
            )
        ]
        objets.par_nom["travail_ref"] = list(session.scalars(select(Travail.ref).order_by(Travail.id)))
        objets.tours = [
            {"tour_ref": row[0], "participant_ref": row[1], "reunion_ref": row[2]}
            for row in session.execute(
                select(Tour.ref, TourParticipant.ref, TourReunion.ref)
                .join(TourParticipant, TourParticipant.tour_id == Tour.id)
                .join(TourReunion, TourReunion.tour_id == Tour.id)
                .where(Tour.departement_code == DEPARTEMENT)
                .order_by(TourParticipant.id.desc())
                .limit(1)
            )
        ]
    _menages(site, objets)
    objets.par_nom |= {"import_ref": _imports(site)}
    objets.par_nom |= {"version_ref": _versions(site), "clause": ["8.2"], "champ": ["nb_formations", "texte"]}
    return objets


def _une_seule_personne(site: Site) -> None:
    """Make one legal person of the operator and the SIAO of a text under negotiation: it chooses its form."""
    with site.database.session(write=True) as session:
        ligne = session.scalars(
            select(Convention)
            .join(ConventionTexte, ConventionTexte.convention_id == Convention.id)
            .where(
                Convention.departement_code == DEPARTEMENT,
                Convention.statut == Statut.EN_NEGOCIATION,
            )
            .order_by(Convention.id)
        ).first()
        assert ligne is not None
        ligne.operateur.siren = ligne.siao.siren
        session.commit()


def _imports(site: Site) -> list[str]:
    """Import both models from Word: the general one reread, the simplified one proposed by the SIAO."""
    client = client_of(site, SIAO)
    refs = []
    for lu, acte in zip(modeles_de_reference(), ("reprendre", "accord"), strict=True):
        given = {"libelle": lu.libelle, "gabarit": lu.modele.gabarit.value}
        fields: dict[str, Any] = hidden_fields(client.get("/modele/import").text)
        word = (BytesIO(docx(lu.modele)), "modele.docx")
        answer = client.post("/modele/import", data=fields | given | {"fichier": word})
        assert answer.status_code == 303, answer.text
        ref = answer.headers["Location"].rpartition("/")[2]
        fields |= {"version": "1", "cle_idempotence": ref}
        assert client.post(f"/modele/import/{ref}/{acte}", data=fields).status_code == 303
        refs.append(ref)
    return refs


def _versions(site: Site) -> list[str]:
    """Open the draft of the département's next version; return its versions, newest first."""
    with site.database.session(write=True) as session:
        pilote = _actor(session, PILOTE)
        modeles.ouvrir_brouillon(session, site.clock, pilote, DEPARTEMENT)
        refs = [v.ref for v in versions(session, pilote, DEPARTEMENT)]
        session.commit()
    return refs


def _menages(site: Site, objets: Objets) -> None:
    """Furnish households and commissions, and give the PIN of a receipt as its household does."""
    with site.database.session(write=True) as session:
        faits = meubles.meubler(
            meubles.Atelier(
                session, site.clock, *(_actor(session, role) for role in (TRAVAIL, SIAO, MISSION))
            )
        )
        session.commit()
    site.travailler()
    ouverte = f"/r/{faits.jetons['recus.page'][0]}"
    client = client_of(site, ANONYME)
    fields = hidden_fields(client.get(ouverte).text)
    assert client.post(ouverte, data=fields | {"pin": meubles.PIN}).status_code == 303
    given = client.get_cookie("recu", path=ouverte)
    assert given is not None
    objets.cookies += [*faits.cookies, ("recu", given.value, ouverte)]
    objets.adresses += faits.adresses
    objets.jetons |= faits.jetons


def _invitation(session: Any, model: InvitationCompte, chef: Adhesion, token: str, email: str) -> None:
    session.add(
        InvitationCompte(
            email=email, prenom="Dominique", nom="Nouvelle", organisation_id=chef.organisation_id,
            departement_code=chef.departement_code, profil=Profil.ETAT_AGENT, jeton_hash=token_hash(token),
            expire_le=model.expire_le + timedelta(days=400), invite_par_id=model.invite_par_id,
            created_at=model.created_at, updated_at=model.updated_at,
        )
    )  # fmt: skip


def _convocation(session: Any, site: Site) -> None:
    """Send a link to answer an invitation to a session to come."""
    invitation = session.scalars(
        select(InvitationSeance)
        .join(Seance)
        .where(Seance.statut == StatutSeance.CONVOQUEE, Seance.debut > site.clock.now())
        .order_by(InvitationSeance.id)
    ).first()
    assert invitation is not None
    invitation.jetons.append(
        JetonInvitation(jeton_hash=token_hash("jeton-convocation"), cree_le=site.clock.now())
    )


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
REFERENTS = """Organisme;Fonction;Nom;Téléphone;Depuis le
Association Le Phare d’Émeraude;Référent SIAO;Camille Nouvelle;02 61 91 00 20;01/03/2026
Association Le Phare d’Émeraude;Référent proximité;Sacha Nouveau;02 61 91 00 21;
Association Le Phare d’Émeraude;Chef de rang;Noé Nouveau;06 12;31/02/2026
Association Inconnue;Signataire;Zoé Nouvelle;02 61 91 00 22;
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
    site.travailler()


def _suivi(site: Site) -> None:
    """Import a follow-up as far as its report, and leave another at its preview."""
    client = client_of(site, PILOTE)

    def send(url: str, **given: Any) -> str:
        page = client.get(url.removesuffix("/confirmer")).text
        answer = client.post(url, data=hidden_fields(page) | chosen_options(page) | given)
        assert answer.status_code == 303, url
        site.travailler()
        return str(answer.headers["Location"])

    for _ in range(2):
        columns = send("/conventions/importer", fichier=(BytesIO(SUIVI.encode()), "suivi.csv"))
        preview = send(columns)
    send(f"{preview}/confirmer", lignes="valides", operateur_0="creer", operateur_1="creer")


def _fiches(site: Site) -> None:
    """Import entries of the directory as far as its report, leave another preview, and make a booklet."""
    client = client_of(site, SIAO)

    def send(url: str, **given: Any) -> str:
        page = client.get(url.removesuffix("/confirmer")).text
        answer = client.post(url, data=hidden_fields(page) | chosen_options(page) | given)
        assert answer.status_code == 303, url
        site.travailler()
        return str(answer.headers["Location"])

    for _ in range(2):
        columns = send("/annuaire/importer", fichier=(BytesIO(REFERENTS.encode()), "referents.csv"))
        preview = send(columns)
    send(f"{preview}/confirmer", lignes="valides")
    send("/annuaire/livret", departement_code=DEPARTEMENT)


def chosen_options(html: str) -> dict[str, str]:
    """Return what the lists of choices of a page hold."""
    found = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


class Liens:
    """The addresses that pages give, by the route that they lead to, in the order they are met."""

    def __init__(self, adapter: MapAdapter) -> None:
        self._adapter = adapter
        self._vus: set[str] = set()
        self._valeurs: dict[str, list[dict[str, str]]] = {}

    def noter(self, adresses: Iterable[str]) -> None:
        """Add the addresses that were not met yet."""
        for path in adresses:
            if path in self._vus:
                continue
            self._vus.add(path)
            try:
                endpoint, values = self._adapter.match(path, method="GET")
            except HTTPException:
                continue
            self._valeurs.setdefault(endpoint, []).append(dict(values))

    def vers(self, endpoint: str) -> list[dict[str, str]]:
        """Return the parameters of the addresses that lead to a route."""
        return self._valeurs.get(endpoint, [])


def vues(site: Site, objets: Objets, role: Role) -> Iterator[Vue]:
    """Yield every page that a role may open, in French, its refusals and its errors."""
    client = visiteur(site, role, objets)
    adapter = site.app.url_map.bind("localhost")
    closed = None
    liens = Liens(adapter)  # and, below, those that the pages before gave, as they come
    liens.noter(objets.adresses)
    name = site.app.config["SESSION_COOKIE_NAME"]
    start = client.get_cookie(name)
    rules = sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    later: list[Rule] = []  # what only pages further in the list may lead to

    def visiter(rule: Rule) -> Iterator[Vue]:
        nonlocal closed
        endpoint, methods = rule.endpoint, rule.methods or set()
        if start is None:
            client.delete_cookie(name)
        else:
            client.set_cookie(name, start.value)  # whatever the former pages made of it
        found = list(_answers(client, rule, objets, adapter, liens)) if "GET" in methods else []
        for url, statut, html in found:
            liens.noter(LINK.findall(html))
            if statut == 403:
                closed = closed or Vue(role, "fr", url, "erreur 403", 403, html)
            else:
                yield Vue(role, "fr", url, endpoint, statut, html)
        if "POST" in methods and endpoint in REFUS and not (role.profil and endpoint.startswith("liens.")):
            yield from _refusal(client, role, endpoint, [url for url, statut, _ in found if statut == 200])
        if not found and rule.arguments and "GET" in methods:
            later.append(rule)

    for rule in rules:
        yield from visiter(rule)
    for rule in [rule for rule in later if liens.vers(rule.endpoint)]:
        yield from visiter(rule)
    if closed is not None:
        yield closed
    lost = "/conventions/inconnue/rien"
    yield Vue(role, "fr", lost, "erreur 404", 404, client.get(lost).text)


def en_anglais(site: Site, objets: Objets, vues: Iterable[Vue]) -> Iterator[Vue]:
    """Yield the same pages in English: each route once, unless the whole is asked for."""
    clients: dict[Role, FlaskClient] = {}
    routes: set[tuple[str, int]] = set()
    for vue in vues:
        if not COMPLET and (vue.endpoint, vue.statut) in routes:
            continue
        if vue.role not in clients:
            parler(site, vue.role, "en")
            clients[vue.role] = visiteur(site, vue.role, objets)
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


def _answers(
    client: FlaskClient, rule: Rule, objets: Objets, adapter: MapAdapter, liens: Liens
) -> Iterator[tuple[str, int, str]]:
    """Yield (address, status, HTML) of a route: as many of its pages as say something different."""
    wanted, seen = PLUSIEURS.get(rule.endpoint, 1), dict.fromkeys((200, 403, 409), 0)
    for values in _values(rule, objets, liens):
        url = adapter.build(rule.endpoint, values)
        answer = client.get(url)
        statut = answer.status_code
        if statut in (302, 303) and "/connexion" in answer.headers["Location"]:
            break  # whatever the object, one signs in first
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


def _of_texts(names: list[str], objets: Objets) -> Iterator[dict[str, str]]:
    """Name the lines whose text is negotiated, then one that has none, and their clauses."""
    if "commentaire_ref" in names or "engagement_ref" in names:
        return
    for convention in [*objets.textes, objets.par_nom["convention_ref"][0]]:
        for code in CLAUSES if "code" in names else ("",):
            yield {"convention_ref": convention} | ({"code": code} if code else {})


def _of_rounds(names: list[str], objets: Objets) -> Iterator[dict[str, str]]:
    """Name a round with one of its operators, of its meetings, some clauses and every step."""
    varies = {
        "code": CLAUSES,
        "transition": ("clore", "abandonner", "rouvrir"),
    }
    for tour in objets.tours:
        choices = [varies.get(name) or [tour[name]] for name in names]
        for values in product(*choices):
            yield dict(zip(names, values, strict=True))


def _values(rule: Rule, objets: Objets, liens: Liens) -> Iterator[dict[str, str]]:
    names = sorted(rule.arguments)
    if rule.endpoint.startswith("tours.") and names:
        yield from _of_rounds(names, objets)
        return
    if rule.endpoint.startswith("redaction."):
        yield from _of_texts(names, objets)
        return
    if "document_ref" in names:
        for convention, document in objets.documents:
            yield {"convention_ref": convention, "document_ref": document}
        return
    if names == ["jeton"]:
        for token in [*objets.jetons.get(rule.endpoint, ()), "inconnu"]:
            yield {"jeton": token}
        return
    if not objets.par_nom.keys() >= set(names):
        yield from liens.vers(rule.endpoint)  # in their order: that of the references is random
        return
    choices = [objets.par_nom[name] for name in names]
    for values in islice(product(*choices), 60):
        yield dict(zip(names, values, strict=True))
