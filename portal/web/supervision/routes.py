"""For the technical administrator: are mails leaving, are jobs ending? No domain data."""

from flask import Blueprint, Response

from portal.jobs import suivi as travaux
from portal.notifications.suivi import etat_de_la_file
from portal.security.permissions import Permission
from portal.web.context import db
from portal.web.guards import requires
from portal.web.render import render_view

bp = Blueprint("supervision", __name__, url_prefix="/supervision")


@bp.get("")
@requires(Permission.TECHNIQUE_SUPERVISER)
def index() -> Response:
    """The outbox and the jobs."""
    return render_view(
        "supervision/index.html",
        file=etat_de_la_file(db()),
        nombres=travaux.nombres(db()),
        travaux=travaux.recents(db()),
    )
