"""Grouped avenants: the conventions on an older green version (C8), and one act that opens theirs."""

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _

from portal.conventions.avenants.groupes import ouvrir_en_lot
from portal.conventions.enums import Statut
from portal.conventions.jours import fuseau_de
from portal.conventions.redaction.perimees import perimees
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors
from portal.web.avenants.forms import FormGroupes
from portal.web.context import clock, current_actor, db
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.render import render_view

bp = Blueprint("avenants_groupes", __name__, url_prefix="/avenants")


@bp.route("/groupes", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def ouvrir() -> Response:
    """Choose among the signed conventions on an older green version, and open an avenant of each."""
    actor = current_actor()
    code = request.values.get("departement") or actor.departement_code
    if code not in actor.departements:
        abort(404)
    lues = perimees(db(), actor, code, clock().today(fuseau_de(code)))
    signees = [row for row in lues if row.statut is Statut.SIGNEE]
    form, rapport = FormGroupes(), None
    form.conventions.choices = [
        (
            row.ref,
            _(
                "%(operateur)s – %(siao)s, version %(n)s",
                operateur=row.operateur,
                siao=row.siao,
                n=row.numero,
            ),
        )
        for row in signees
    ]
    if form.validate_on_submit():
        try:
            rapport = ouvrir_en_lot(db(), clock(), actor, form.conventions.data or ())
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
    return render_view(
        "avenants/groupes.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=[(_("Modèle et versions"), url_for("modeles.index")), (_("Avenants groupés"), "")],
        form=form,
        signees=signees,
        ouverts=rapport.ouverts if rapport else [],
        refus=[(nom, domain_message(error)) for nom, error in rapport.refus] if rapport else [],
        fait=rapport is not None,
        action=url_for("avenants_groupes.ouvrir", departement=code),
        annuler=url_for("modeles.index", departement=code),
    )
