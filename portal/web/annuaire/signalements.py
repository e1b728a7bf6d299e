"""Reporting an error on a card, and following it until it is answered."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.annuaire import queries
from portal.annuaire import signalements as service
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.annuaire.forms_vie import FormSignalement, FormSuite
from portal.web.comptes.entree import status_of
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.render import render_view, see_other


@bp.route("/<referent_ref>/signaler", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_LIRE)
def signaler(referent_ref: str) -> Response:
    """Report an error on a card: any reader may."""
    actor = current_actor()
    referent = queries.referent(db(), actor, referent_ref)
    if referent.ferme_le is not None:
        raise NotVisible(referent_ref)
    form = FormSignalement.new()
    back = url_for("annuaire.detail", referent_ref=referent_ref)
    if form.validate_on_submit():
        try:
            service.signaler(
                db(),
                clock(),
                actor,
                referent,
                form.choisi,
                form.texte.data or "",
                key=form.cle_idempotence.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                _("Merci : les personnes concernées sont prévenues, et vous le serez de la suite."), "succes"
            )
            return see_other(back)
    return render_view(
        "annuaire/acte.html",
        "annuaire/_signaler.html",
        status=status_of(form),
        fil=commun.fil_de(referent, _("Signaler une erreur")),
        titre=_("Signaler une erreur"),
        texte=" · ".join((commun.libelle_fonction(referent.fonction_code), referent.organisation.nom)),
        corps="annuaire/_signaler.html",
        form=form,
        action=url_for("annuaire.signaler", referent_ref=referent_ref),
        annuler=back,
    )


@bp.post("/signalements/<signalement_ref>/<any(prendre_en_compte, corriger):geste>")
@requires(Permission.ANNUAIRE_MODIFIER)
def suivre(signalement_ref: str, geste: str) -> Response:
    """Take a reported error into account, or say that it is corrected."""
    signalement = service.lire(db(), current_actor(), signalement_ref)
    back = url_for("annuaire.detail", referent_ref=signalement.referent.ref)
    version = Formulaire().version_number
    try:
        service.suivre(db(), clock(), current_actor(), signalement, geste, version=version)
    except StaleVersion:
        db().rollback()
        flash(_("Ce signalement vient d’être suivi par quelqu’un d’autre."), "alerte")
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(_("C’est noté. L’auteur du signalement est prévenu."), "succes")
    return see_other(back)


@bp.route("/signalements/<signalement_ref>/ecarter", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def ecarter(signalement_ref: str) -> Response:
    """Set a reported error aside, and say why."""
    signalement = service.lire(db(), current_actor(), signalement_ref)
    referent = signalement.referent
    form = FormSuite(data={"version": str(signalement.version)})
    back = url_for("annuaire.detail", referent_ref=referent.ref)
    if form.validate_on_submit():
        try:
            service.suivre(
                db(),
                clock(),
                current_actor(),
                signalement,
                "ecarter",
                form.raison.data or "",
                version=form.version_number,
            )
        except StaleVersion:
            db().rollback()
            flash(_("Ce signalement vient d’être suivi par quelqu’un d’autre."), "alerte")
            return see_other(back)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("C’est noté. L’auteur du signalement est prévenu."), "succes")
            return see_other(back)
    return render_view(
        "annuaire/acte.html",
        "annuaire/_ecarter.html",
        status=status_of(form),
        fil=commun.fil_de(referent, _("Écarter le signalement")),
        titre=_("Écarter ce signalement ?"),
        corps="annuaire/_ecarter.html",
        signalement=signalement,
        form=form,
        action=url_for("annuaire.ecarter", signalement_ref=signalement_ref),
        annuler=back,
    )
