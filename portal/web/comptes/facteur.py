"""The second factor of one's own account: on, off, recovery codes."""

from flask import Blueprint, Response, abort, flash, url_for
from flask_babel import gettext as _

from portal.comptes import queries, second_facteur
from portal.security.permissions import Permission
from portal.security.totp import qr_svg
from portal.shared.errors import DomainError
from portal.web.comptes import entree
from portal.web.comptes.compte import confirm_present
from portal.web.comptes.forms import FormActuel, FormCode
from portal.web.context import cipher, clock, current_actor, db, settings
from portal.web.guards import requires
from portal.web.render import render_view, see_other

bp = Blueprint("facteur", __name__, url_prefix="/compte/second-facteur")


@bp.get("")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def index() -> Response:
    """Whether the second factor is on, and what one can do about it."""
    me = queries.moi(db(), current_actor())
    return render_view(
        "comptes/compte/second_facteur.html",
        fil=[entree.home_crumb(), (_("Second facteur"), "")],
        active_le=me.totp_active_le,
        restants=queries.codes_restants(db(), me.id),
        requis=second_facteur.required(db(), settings(), me.id),
    )


@bp.route("/preparer", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def preparer() -> Response:
    """Prepare a secret, the password having been given: whoever sees the secret holds the account."""
    form = FormActuel()
    status = None
    if form.validate_on_submit():
        status = confirm_present(form, form.actuel.data or "")
        if status is None:
            second_facteur.start(db(), clock(), cipher(), current_actor().personne_id)
            entree.note_proof()
            return see_other(url_for("facteur.activer"))
    return _confirmation(
        form,
        status,
        titre=_("Activer le second facteur"),
        texte=_("Il vous faudra ensuite une application d’authentification."),
        bouton=_("Continuer"),
        action=url_for("facteur.preparer"),
    )


@bp.route("/activer", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def activer() -> Response:
    """Show the secret being set up, and take a first code; the recovery codes are shown once."""
    actor = current_actor()
    prepared = second_facteur.prepared(db(), cipher(), actor.personne_id)
    if prepared is None:
        return see_other(url_for("facteur.index"))
    if not entree.proved():
        return see_other(url_for("facteur.preparer"))
    form = FormCode()
    if form.validate_on_submit():
        try:
            codes = second_facteur.confirm(
                db(),
                clock(),
                cipher(),
                actor.personne_id,
                form.code.data or "",
                session_id=actor.session_id,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return render_view("comptes/codes.html", codes=codes, suite=url_for("facteur.index"))
    return render_view(
        "comptes/compte/activer.html",
        status=entree.status_of(form),
        fil=[entree.home_crumb(), (_("Second facteur"), url_for("facteur.index")), (_("Activer"), "")],
        form=form,
        secret=prepared[0],
        qr=url_for("facteur.qr"),
        action=url_for("facteur.activer"),
    )


@bp.get("/qr.svg")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def qr() -> Response:
    """The secret being set up, as a QR code."""
    prepared = second_facteur.prepared(db(), cipher(), current_actor().personne_id)
    if prepared is None or not entree.proved():
        abort(404)
    return Response(qr_svg(prepared[1]), mimetype="image/svg+xml")


@bp.route("/codes", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def codes() -> Response:
    """Replace one's recovery codes; they are shown once."""
    form = FormActuel()
    status = None
    if form.validate_on_submit():
        status = confirm_present(form, form.actuel.data or "")
        if status is None:
            made = second_facteur.renew_recovery_codes(db(), clock(), current_actor())
            return render_view("comptes/codes.html", codes=made, suite=url_for("facteur.index"))
    return _confirmation(
        form,
        status,
        titre=_("Faire de nouveaux codes de secours"),
        texte=_("Les codes que vous avez gardés ne serviront plus. Les nouveaux sont montrés une fois."),
        bouton=_("Faire de nouveaux codes"),
        action=url_for("facteur.codes"),
    )


@bp.route("/retirer", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def retirer() -> Response:
    """Take the second factor off."""
    form = FormActuel()
    status = None
    if form.validate_on_submit():
        status = confirm_present(form, form.actuel.data or "")
        if status is None:
            try:
                second_facteur.disable(db(), clock(), settings(), current_actor())
            except DomainError as error:
                form.refuse(error)
            else:
                flash(_("Le second facteur est retiré."), "succes")
                return see_other(url_for("facteur.index"))
    return _confirmation(
        form,
        status,
        titre=_("Retirer le second facteur"),
        texte=_("La connexion à votre compte ne demandera plus que le mot de passe."),
        bouton=_("Retirer le second facteur"),
        action=url_for("facteur.retirer"),
    )


def _confirmation(form: FormActuel, status: int | None, **texts: str) -> Response:
    return render_view(
        "comptes/compte/confirmer.html",
        status=status or entree.status_of(form),
        fil=[entree.home_crumb(), (_("Second facteur"), url_for("facteur.index")), (texts["titre"], "")],
        form=form,
        annuler=url_for("facteur.index"),
        **texts,
    )
