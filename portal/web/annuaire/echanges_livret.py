"""The booklet of a département: asking for it, finding the last ones."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from wtforms import SelectField

from portal.annuaire.echanges import export
from portal.annuaire.livret import travaux
from portal.security.permissions import Permission
from portal.shared.messages import N_
from portal.web.annuaire.blueprint import bp
from portal.web.annuaire.echanges_export import trop
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire, _l, obligatoire
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other
from portal.web.travaux import genres

genres.declare(travaux.LIVRET, genres.Genre(N_("Livret de l’annuaire")))


class FormLivret(Formulaire):
    """Which département."""

    departement_code = SelectField(_l("Département"), validators=[obligatoire()])


@bp.route("/livret", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_EXPORTER)
def livret() -> Response:
    """Ask for the booklet of a département; the worker makes it."""
    actor = current_actor()
    form = FormLivret(data={"departement_code": actor.departement_code})
    choix: Any = nomenclatures.departement_choices(actor.departements)
    form.departement_code.choices = nomenclatures.options(choix)
    if form.validate_on_submit():
        if secondes := export.attendre(db(), clock(), settings(), actor):
            return trop(secondes)
        travail = travaux.demander(db(), clock(), actor, form.departement_code.data)
        return see_other(url_for("travaux.detail", travail_ref=travail.ref))
    return render_view(
        "annuaire/livret.html",
        status=status_of(form),
        fil=[(_("Annuaire"), url_for("annuaire.liste")), (_("Livret"), "")],
        form=form,
        precedents=travaux.recents(db(), actor),
        ton=genres.tone,
    )
