"""The SIAO's queue: what it looks after in the directory, and what it does about it."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.annuaire import fraicheur, moderation
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, StaleVersion
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import local_target, requires
from portal.web.render import render_view, see_other


@bp.get("/moderation")
@requires(Permission.ANNUAIRE_MODERER)
def file() -> Response:
    """Reports without answer, e-mails that did not arrive, greyed entries, functions that nobody holds."""
    cadre = fraicheur.cadre(db(), clock(), current_actor())
    return render_view(
        "annuaire/moderation.html",
        fil=[(_("Annuaire"), url_for("annuaire.liste")), (_("À surveiller"), "")],
        file=moderation.file(db(), clock(), cadre),
        montrees=moderation.MONTREES,
        fonctions=commun.fonctions(current_actor().departements),
    )


@bp.post("/<referent_ref>/redemander")
@requires(Permission.ANNUAIRE_MODERER)
def redemander(referent_ref: str) -> Response:
    """Write now to who answers for an entry."""
    referent = commun.a_modifier(referent_ref)
    version = Formulaire().version_number
    try:
        count = moderation.redemander(db(), clock(), current_actor(), referent, version=version)
    except StaleVersion:
        db().rollback()
        flash(_("Cette fiche a changé pendant que vous la lisiez : relisez-la."), "alerte")
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(ngettext("Un courriel va partir.", "%(num)s courriels vont partir.", count), "succes")
    return see_other(local_target(request.form.get("suite") or f"/annuaire/{referent_ref}"))
