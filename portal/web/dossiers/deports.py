"""An organisation withdraws from a dossier (« déport »), or votes on it again."""

from flask import Response
from flask_babel import gettext as _

from portal.commissions.dossiers import deports
from portal.security.permissions import Permission
from portal.web.context import clock, db
from portal.web.dossiers.blueprint import bp
from portal.web.dossiers.dossier import acte
from portal.web.dossiers.forms import FormDeport
from portal.web.forms import Formulaire
from portal.web.guards import requires

LIRE, INSTRUIRE = Permission.DOSSIERS_LIRE, Permission.DOSSIERS_INSTRUIRE


@bp.post("/<dossier_ref>/deport")
@requires(LIRE)
def deporter(dossier_ref: str) -> Response:
    """Declare it: a member for their own organisation, the secretariat for any that sits."""
    form = FormDeport.de()
    return acte(
        dossier_ref,
        LIRE,
        "form_deport",
        form,
        lambda actor, vise: deports.declarer(
            db(), clock(), actor, vise, form.organisme.data or "", form.choisi
        ),
        _("Le déport est noté : cet organisme s’exprime et ne vote pas."),
    )


@bp.post("/<dossier_ref>/deport/<organisation_ref>/lever")
@requires(INSTRUIRE)
def lever_deport(dossier_ref: str, organisation_ref: str) -> Response:
    """Take one back, declared by mistake."""
    form = Formulaire()
    return acte(
        dossier_ref,
        INSTRUIRE,
        "form",
        form,
        lambda actor, vise: deports.lever(db(), clock(), actor, vise, organisation_ref),
        _("Le déport est levé : cet organisme vote de nouveau."),
    )
