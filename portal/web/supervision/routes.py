"""For the technical administrator: are mails leaving, are jobs ending? No domain data."""

from flask import Blueprint, Response, flash, url_for
from flask_babel import ngettext

from portal.audit.service import record
from portal.jobs import suivi as travaux
from portal.notifications.service import send_again
from portal.notifications.suivi import etat_de_la_file
from portal.security.permissions import Permission
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.render import render_view, see_other
from portal.web.travaux import genres

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
        genre=genres.label,
    )


@bp.post("/relancer")
@requires(Permission.TECHNIQUE_SUPERVISER)
def relancer() -> Response:
    """Put the abandoned messages back in the queue, once the fault is repaired."""
    count = send_again(db(), clock())
    record(db(), clock(), current_actor(), "notifications:messages:relancer", changes={"nombre": count})
    flash(ngettext("%(num)s message repart.", "%(num)s messages repartent.", count), "succes")
    return see_other(url_for("supervision.index"))
