"""The way in: what waits for me, the search box, the language, the session's clock."""

from flask import Blueprint, Response, jsonify, request, url_for

from portal.comptes import comptes
from portal.comptes.queries import reviews_due
from portal.conventions import a_faire as conventions_a_faire
from portal.conventions.filtres import Filtres
from portal.conventions.queries import lister
from portal.organisations import queries as organisations
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.web.context import actor_or_none, clock, current_actor, db, settings
from portal.web.conventions.tableau import TONS
from portal.web.guards import local_target, public, requires, signed_in
from portal.web.locale import COOKIE, LANGUAGES
from portal.web.render import render_view, see_other

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
    rubriques = [
        (rubrique, url_for("conventions.liste", **rubrique.args) if rubrique.reste else "")
        for rubrique in conventions_a_faire.taches(db(), clock(), actor)
    ]
    return render_view(
        "accueil/a_faire.html",
        rubriques=rubriques,
        comptes_a_revoir=reviews_due(db(), clock(), actor),
        progression=can(actor, Permission.CONVENTIONS_PROGRESSION),
        tons=TONS,
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
        structures=organisations.search_structures(db(), actor, text, SEARCH_LIMIT),
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


@bp.post("/session/prolonger")
@signed_in
def prolonger() -> Response:
    """Keep the session alive; the answer says how many seconds are left."""
    return jsonify(secondes=settings().session_idle_minutes * 60)
