"""« Pendant l’absence de X, Y »: said by the organisation's administrator, who reads codes and no name."""

from datetime import timedelta

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.grilles.menages import relais
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.menages.blueprint import bp
from portal.web.menages.forms import FormRelais
from portal.web.organisations.nomenclatures import options
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

SEMAINE = timedelta(days=7)


@bp.route("/relais", methods=["GET", "POST"])
@requires(Permission.MENAGES_CONFIER)
def relais_page() -> Response:
    """Who stands in for whom; saying one more."""
    actor = current_actor()
    jour = clock().today(actor.fuseau)
    absents, remplacants = relais.absents(db(), actor), relais.remplacants(db(), actor)
    form = FormRelais(data={"du": jour, "au": jour + SEMAINE})
    form.absent.choices = options(
        ((un.ref, f"{un.prenom} {un.nom}".strip()) for un in absents), _("Choisir une personne")
    )
    form.relais.choices = options(
        ((un.ref, f"{un.prenom} {un.nom}".strip()) for un in remplacants), _("Choisir une personne")
    )
    if form.validate_on_submit():
        du, au = form.du.data, form.au.data
        assert du is not None
        assert au is not None
        try:
            relais.confier(
                db(),
                clock(),
                actor,
                absent_ref=form.absent.data,
                relais_ref=form.relais.data,
                du=du,
                au=au,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Le relais est enregistré. La personne qui l’assure est prévenue."), "succes")
            return see_other(url_for("menages.relais_page"))
    codes = relais.codes(db(), actor)
    return render_view(
        "menages/relais.html",
        "menages/_relais_formulaire.html",
        status=status_of(form),
        fil=[(_("Absences et relais"), "")],
        form=form,
        action=url_for("menages.relais_page"),
        lignes=relais.lister(db(), clock(), actor),
        tenus=[(f"{un.prenom} {un.nom}".strip(), codes.get(un.id, [])) for un in absents],
    )


@bp.post("/relais/<relais_ref>/terminer")
@requires(Permission.MENAGES_CONFIER)
def relais_terminer(relais_ref: str) -> Response:
    """End a stand-in now."""
    relais.terminer(db(), clock(), current_actor(), relais_ref)
    flash(_("Le relais est terminé."), "succes")
    return see_other(url_for("menages.relais_page"))
