"""My long work: the list, one of them, the file it made."""

from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import gettext as _

from portal.documents.storage import Storage
from portal.jobs import service
from portal.security.permissions import Permission
from portal.web.context import current_actor, db, is_poll, settings
from portal.web.guards import requires
from portal.web.render import attachment, render_view
from portal.web.travaux import genres

bp = Blueprint("travaux", __name__, url_prefix="/travaux")

SHOWN = 50


@bp.get("")
@requires(Permission.TRAVAUX_LIRE)
def liste() -> Response:
    """The actor's latest jobs."""
    return render_view(
        "travaux/liste.html",
        travaux=[
            (one, genres.label(one.genre), genres.address(one.genre, one.ref), genres.tone(one))
            for one in service.recent_jobs(db(), current_actor(), limit=SHOWN)
        ],
    )


@bp.get("/<travail_ref>")
@requires(Permission.TRAVAUX_LIRE)
def detail(travail_ref: str) -> Response:
    """One job; a live page asks again with the state it knows and is told 204 while nothing is new."""
    travail = service.get_job(db(), current_actor(), travail_ref)
    if nothing_new(genres.state(travail)):
        return make_response("", 204)
    own = genres.address(travail.genre, travail.ref)
    here = url_for("travaux.detail", travail_ref=travail_ref)
    return render_view(
        "travaux/detail.html",
        "travaux/_travail.html",
        fil=[(_("Travaux"), url_for("travaux.liste")), (genres.label(travail.genre), "")],
        ton=genres.tone(travail),
        **genres.shown(travail),
        page_propre=own if own != here else "",
    )


@bp.get("/<travail_ref>/fichier")
@requires(Permission.TRAVAUX_LIRE)
def fichier(travail_ref: str) -> Response:
    """The file that a job made."""
    file = service.get_result_file(db(), current_actor(), travail_ref)
    return attachment(Storage(settings()).open_for_download(file), file.nom, file.type_mime)


def nothing_new(state: str) -> bool:
    """Tell whether the request is a live page that already shows this state."""
    return is_poll() and request.args.get("etat") == state
