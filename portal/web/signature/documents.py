"""Asking for documents: one of a line, or one archive of many. The worker makes them."""

from flask import Response, abort, url_for
from flask_babel import gettext as _

from portal.conventions.signature import travaux
from portal.conventions.signature.enums import Sorte
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.render import render_view, see_other
from portal.web.signature.blueprint import bp
from portal.web.signature.forms import FormArchive
from portal.web.travaux import genres

genres.declare(travaux.DOCUMENT, genres.Genre(N_("Document d’une convention")))
genres.declare(travaux.ARCHIVE, genres.Genre(N_("Archive des conventions")))


@bp.post("/conventions/<convention_ref>/circuit/produire/<sorte>")
@requires(Permission.CONVENTIONS_LIRE)
def produire(convention_ref: str, sorte: str) -> Response:
    """Ask for a document of the text, and follow its making."""
    voulue = next((une for une in Sorte if une.value == sorte), None) or abort(404)
    travail = travaux.demander(db(), clock(), current_actor(), convention_ref, voulue)
    return see_other(url_for("travaux.detail", travail_ref=travail.ref))


@bp.route("/conventions/archive", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_EXPORTER)
def archive() -> Response:
    """One archive of the texts that one may read."""
    actor = current_actor()
    form = FormArchive(data={"sorte": Sorte.PDF.value, "statut": ""})
    if form.validate_on_submit():
        try:
            travail = travaux.demander_archive(db(), clock(), actor, form.voulue, form.choisi)
        except DomainError as error:
            form.refuse(error)
        else:
            return see_other(url_for("travaux.detail", travail_ref=travail.ref))
    return render_view(
        "signature/archive.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=[(_("Suivi des conventions"), url_for("conventions.liste")), (_("Archive des textes"), "")],
        form=form,
        nombre=travaux.nombre_a_archiver(db(), actor),
        action=url_for("signature.archive"),
        annuler=url_for("conventions.liste"),
    )
