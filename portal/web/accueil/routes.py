"""The way in: what waits for me, the search box, the language, the session's clock."""

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from portal.annuaire import a_faire as annuaire_a_faire
from portal.commissions import a_faire as commissions_a_faire
from portal.commissions.conduite import a_faire as conduite_a_faire
from portal.commissions.dossiers import a_faire as dossiers_a_faire
from portal.commissions.suites_seance import a_faire as suites_a_faire
from portal.comptes import comptes
from portal.comptes import queries as comptes_queries
from portal.conventions import a_faire as conventions_a_faire
from portal.conventions.avenants import a_faire as avenants_a_faire
from portal.conventions.filtres import Filtres
from portal.conventions.modeles import a_faire as modeles_a_faire
from portal.conventions.queries import lister
from portal.conventions.tours import a_faire as tours_a_faire
from portal.grilles import queries as grilles
from portal.grilles.autorisations import a_faire as autorisations_a_faire
from portal.grilles.fin_de_vie import queries as demandes_menages
from portal.grilles.menages import a_faire as menages_a_faire
from portal.grilles.remplissage import renouvellement
from portal.grilles.transmissions import a_faire as transmissions_a_faire
from portal.organisations import queries as organisations
from portal.organisations import queries_structures
from portal.security.permissions import OPERATEUR, Permission
from portal.security.policy import can
from portal.shared import attentes
from portal.web.context import actor_or_none, clock, current_actor, db, settings
from portal.web.guards import local_target, public, requires, signed_in
from portal.web.locale import COOKIE, LANGUAGES
from portal.web.render import render_view, see_other
from portal.web.tours.rendu import titre

bp = Blueprint("accueil", __name__)
SEARCH_LIMIT = 8


@bp.get("/")
@public
def index() -> Response:
    """Lead to what waits for me, or to the sign-in page."""
    return see_other(url_for("accueil.a_faire") if actor_or_none() else url_for("comptes.connexion"))


@bp.get("/a-faire")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def a_faire() -> Response:
    """What waits for me, most pressing first."""
    actor = current_actor()
    lues = conventions_a_faire.taches(db(), clock(), actor)
    autres = attentes.lire(
        db(),
        [
            *comptes_queries.attentes(db(), clock(), actor),
            *modeles_a_faire.attentes(actor),
            *grilles.attentes(actor),
            *annuaire_a_faire.attentes(db(), clock(), actor),
            *commissions_a_faire.attentes(actor),
            *conduite_a_faire.attentes(clock(), actor),
            *dossiers_a_faire.attentes(clock(), actor),
            *suites_a_faire.attentes(clock(), actor),
            *menages_a_faire.attentes(clock(), actor),
            *renouvellement.attentes(clock(), actor),
            *autorisations_a_faire.attentes(clock(), actor),
            *demandes_menages.attentes(clock(), actor),
            *transmissions_a_faire.attentes(clock(), actor),
        ],
    )
    rubriques = [
        (rubrique, url_for("conventions.liste", **rubrique.args) if rubrique.reste else "")
        for rubrique in lues
    ]
    return render_view(
        "accueil/a_faire.html",
        rubriques=rubriques,
        comptes_a_revoir=attentes.nombre(autres, comptes_queries.A_REVOIR),
        modeles={
            "versions": autres[modeles_a_faire.VERSION],
            "imports": autres[modeles_a_faire.IMPORT],
            "grilles": autres[grilles.A_VALIDER],
        },
        annuaire=annuaire_a_faire.lues(autres),
        tours=[(one, titre(one)) for one in tours_a_faire.attentes(db(), clock(), actor)],
        avenants=avenants_a_faire.attentes(db(), clock(), actor),
        commissions={
            "seances": commissions_a_faire.seances(db(), clock(), actor),
            "a_valider": autres[commissions_a_faire.VALIDER],
            "a_accepter": autres[commissions_a_faire.ACCEPTER],
        },
        conduite=conduite_a_faire.lues(autres),
        suites=suites_a_faire.lues(autres),
        dossiers=dossiers_a_faire.lues(autres),
        demandes_menages=(
            attentes.nombre(autres, demandes_menages.A_TRAITER),
            attentes.nombre(autres, demandes_menages.EN_RETARD),
        ),
        autorisations=autorisations_a_faire.lues(autres),
        grilles_a_renouveler=autres[renouvellement.A_RENOUVELER],
        acces_menages=attentes.nombre(autres, menages_a_faire.ACCES),
        transmissions=transmissions_a_faire.lues(autres),
        operateur_seul=actor.profil in OPERATEUR,
        plusieurs_siao=len({tache.siao for rubrique in lues for tache in rubrique.taches}) > 1,
    )


@bp.get("/recherche")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def recherche() -> Response:
    """Search conventions, organisations and structures among what the actor may see."""
    text, actor = request.args.get("q", "").strip()[:100], current_actor()
    lines = []
    if text and can(actor, Permission.CONVENTIONS_LIRE):
        lines = lister(db(), clock(), actor, Filtres(texte=text), taille=SEARCH_LIMIT).lignes
    return render_view(
        "accueil/recherche.html",
        q=text,
        conventions=lines,
        organisations=organisations.search(db(), actor, text, SEARCH_LIMIT),
        structures=queries_structures.search_structures(db(), actor, text, SEARCH_LIMIT),
    )


@bp.post("/langue")
@public
def langue() -> Response:
    """Change the language: kept with the person when signed in, else in a cookie."""
    chosen = request.form.get("langue", "")
    response = see_other(local_target(request.form.get("suite")))
    if chosen not in LANGUAGES:
        return response
    actor = actor_or_none()
    if actor is not None:
        comptes.set_language(db(), clock(), actor, chosen)
    response.set_cookie(
        COOKIE, chosen, max_age=365 * 24 * 3600, secure=settings().https, httponly=True, samesite="Lax"
    )
    return response


@bp.get("/session")
@signed_in
def session_ouverte() -> Response:
    """Tell a script whether the session is still open (204, else 401) before it sends a form."""
    return make_response("", 204)


@bp.post("/session/prolonger")
@signed_in
def prolonger() -> Response:
    """Keep the session alive; the answer says how many seconds are left."""
    return jsonify(secondes=settings().session_idle_minutes * 60)
