"""Merging two organisations: choose the absorbing one, read what will move, confirm once."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.organisations import fusion, queries
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.forms import domain_message, parameter_text
from portal.web.guards import requires
from portal.web.organisations import filtres
from portal.web.organisations.forms import FormFusionner
from portal.web.organisations.routes import allowed, bp, fil_of, status_of
from portal.web.render import render_view, see_other

__all__ = ["bp"]  # the same room, whose routes are complete once this module is read

CANDIDATES = 20
SEEN = 200  # organisations looked at: those of other départements, seen here, are not this one's to merge


@bp.get("/<organisation_ref>/fusionner")
@requires(Permission.ORGANISATIONS_FUSIONNER)
def fusionner(organisation_ref: str) -> Response:
    """Choose the absorbing organisation; once chosen (`vers`), read what the merger will do."""
    absorbed = _mergeable(organisation_ref)
    chosen = filtres.text("vers", 16)
    if chosen:
        absorber = queries.organisation(db(), current_actor(), chosen)
        form = FormFusionner(data={"fusionnee_le": clock().today(current_actor().fuseau)})
        return _confirmation(form, absorbed, absorber)
    typed, actor = filtres.text("q"), current_actor()
    found = queries.suggestions(db(), actor, typed, types=(absorbed.type,), limit=SEEN)
    return render_view(
        "organisations/fusionner.html",
        "organisations/_absorbantes.html",
        fil=fil_of(absorbed, _("Fusionner")),
        organisation=absorbed,
        q=typed,
        candidates=[row for row in found if row.id != absorbed.id and _offered(actor, row)][:CANDIDATES],
    )


@bp.post("/<organisation_ref>/fusionner")
@requires(Permission.ORGANISATIONS_FUSIONNER)
def confirmer_fusion(organisation_ref: str) -> Response:
    """Merge, as read and confirmed."""
    actor = current_actor()
    absorbed = _mergeable(organisation_ref)
    form = FormFusionner()
    absorber = queries.organisation(db(), actor, form.absorbante.data or "")
    if _merged(absorbed, absorber):
        return _arrived(absorbed, absorber)
    if not form.validate_on_submit():
        return _confirmation(form, absorbed, absorber)
    try:
        fusion.merge_organisations(db(), clock(), actor, absorbed, absorber, form.day, versions=form.versions)
    except StaleVersion:
        if _merged(absorbed, absorber):
            return _arrived(absorbed, absorber)
        form.form_errors = [
            _("Une des deux fiches a changé pendant que vous lisiez. Relisez, puis confirmez de nouveau.")
        ]
        return _confirmation(form, absorbed, absorber, status=409)
    except DomainError as error:
        if error.field == "fermee_le":
            error.field = "fusionnee_le"
        form.refuse(error)
        return _confirmation(form, absorbed, absorber)
    return _arrived(absorbed, absorber)


def _merged(absorbed: Any, absorber: Any) -> bool:
    """Tell whether this very merger is done: the form was sent twice, or by someone else meanwhile."""
    return bool(absorbed.fusionnee_dans_id == absorber.id)


def _arrived(absorbed: Any, absorber: Any) -> Response:
    flash(_("« %(nom)s » est fusionnée dans « %(vers)s ».", nom=absorbed.nom, vers=absorber.nom), "succes")
    return see_other(url_for("organisations.detail", organisation_ref=absorber.ref))


def _offered(actor: Actor, row: Any) -> bool:
    return can(actor, Permission.ORGANISATIONS_FUSIONNER, row)


def _mergeable(organisation_ref: str) -> Any:
    organisation = queries.organisation(db(), current_actor(), organisation_ref)
    allowed(current_actor(), Permission.ORGANISATIONS_FUSIONNER, organisation)
    return organisation


def _fate(one: fusion.Sort) -> tuple[str, str]:
    """Return the name of a row and what becomes of it, as people read them."""
    args = {name: parameter_text(value) for name, value in one.args.items()}
    return _(one.nom, **args), _(one.devient, **args)


def _confirmation(form: FormFusionner, absorbed: Any, absorber: Any, status: int = 0) -> Response:
    """Show what the merger will do; the form is given the versions that are shown."""
    obstacle = ""
    effects: list[tuple[str, list[tuple[str, str]]]] = []
    try:
        effects = [
            (_(effect.label, nombre=effect.nombre), [_fate(one) for one in effect.sorts])
            for effect in fusion.consequences(db(), clock(), current_actor(), absorbed, absorber)
            if effect.nombre
        ]
    except DomainError as error:
        obstacle = domain_message(error)
    form.absorbante.data = absorber.ref
    form.version.data, form.version_absorbante.data = str(absorbed.version), str(absorber.version)
    return render_view(
        "organisations/fusion.html",
        status=status or (422 if obstacle and request.method == "POST" else status_of(form)),
        fil=fil_of(absorbed, _("Fusionner")),
        form=form,
        absorbee=absorbed,
        absorbante=absorber,
        effets=effects,
        obstacle=obstacle,
    )
