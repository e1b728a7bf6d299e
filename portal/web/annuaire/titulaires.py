"""Handing a function over, correcting who holds it, saying an absence."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.annuaire import queries, titulaires
from portal.annuaire.enums import Role
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.annuaire.edition import avertir, relire
from portal.web.annuaire.forms import FormAbsence, FormTitulaire
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.route("/<referent_ref>/confier", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def confier(referent_ref: str) -> Response:
    """Give a function to someone from a day, as holder or as deputy."""
    actor = current_actor()
    referent = commun.a_modifier(referent_ref)
    role = Role.SUPPLEANT if request.args.get("role") == Role.SUPPLEANT.value else Role.TITULAIRE
    form = FormTitulaire.of(referent, clock().today(actor.fuseau), role)
    back = url_for("annuaire.detail", referent_ref=referent_ref)
    overtaken = False
    if form.validate_on_submit():
        try:
            typed = form.saisie()
            titulaires.confier(db(), clock(), actor, referent, typed, version=form.version_number)
        except StaleVersion:
            overtaken = relire(form, referent)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(
                _("La fonction est confiée à %(nom)s.", nom=f"{typed.prenom} {typed.nom}".strip()), "succes"
            )
            avertir(form.email.data)
            return see_other(back)
    return render_view(
        "annuaire/acte.html",
        "annuaire/_titulaire.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(referent, _("Confier la fonction")),
        titre=_("Confier la fonction"),
        texte=_(
            "Qui la tient sans fin connue la quitte la veille. Les conventions et les commissions, qui "
            "nomment la fonction, suivent."
        ),
        corps="annuaire/_titulaire.html",
        form=form,
        action=url_for("annuaire.confier", referent_ref=referent_ref),
        annuler=back,
    )


@bp.route("/<referent_ref>/titulaires/<titulaire_ref>", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def corriger(referent_ref: str, titulaire_ref: str) -> Response:
    """Correct who holds a function: name, contact, first and last days."""
    actor = current_actor()
    referent = commun.a_modifier(referent_ref)
    titulaire = titulaires.du_referent(db(), referent, titulaire_ref)
    form = FormTitulaire.of(referent, titulaire.du, titulaire.role, titulaire)
    back = url_for("annuaire.detail", referent_ref=referent_ref)
    here = url_for("annuaire.corriger", referent_ref=referent_ref, titulaire_ref=titulaire_ref)
    rival = None
    if form.validate_on_submit():
        try:
            titulaires.corriger(db(), clock(), actor, titulaire, form.saisie(), version=form.version_number)
        except StaleVersion:
            db().expire_all()
            referent = queries.referent(db(), actor, referent_ref)
            titulaire = titulaires.du_referent(db(), referent, titulaire_ref)
            stored = FormTitulaire.of(referent, titulaire.du, titulaire.role, titulaire, formdata=None)
            rival = conflict(referent, stored, form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La fiche est enregistrée."), "succes")
            avertir(form.email.data)
            return see_other(back)
    return render_view(
        "annuaire/acte.html",
        "annuaire/_titulaire.html",
        status=409 if rival else status_of(form),
        fil=commun.fil_de(referent, titulaire.nom_complet),
        titre=titulaire.nom_complet,
        texte="",
        corps="annuaire/_titulaire.html",
        form=form,
        rival=rival,
        action=here,
        annuler=back,
    )


@bp.route("/<referent_ref>/absence", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def absence(referent_ref: str) -> Response:
    """Say that the holder is away: the deputy answers meanwhile."""
    actor = current_actor()
    referent = commun.a_modifier(referent_ref)
    jour = clock().today(actor.fuseau)
    form = FormAbsence(data={"du": jour, "version": str(referent.version)})
    back = url_for("annuaire.detail", referent_ref=referent_ref)
    overtaken = False
    if form.validate_on_submit():
        try:
            titulaires.noter_absence(
                db(), clock(), actor, referent, form.debut, form.au.data, version=form.version_number
            )
        except StaleVersion:
            overtaken = relire(form, referent)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("L’absence est notée."), "succes")
            return see_other(back)
    suppleant = titulaires.tenue(referent, jour).suppleant
    return render_view(
        "annuaire/acte.html",
        "annuaire/_absence.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(referent, _("Absence")),
        titre=_("Noter une absence"),
        texte=_("%(nom)s répond pendant ce temps.", nom=suppleant.nom_complet)
        if suppleant
        else _("Aucun suppléant n’est nommé : personne ne répondra pendant ce temps. Nommez-en un d’abord."),
        corps="annuaire/_absence.html",
        form=form,
        action=url_for("annuaire.absence", referent_ref=referent_ref),
        annuler=back,
    )


@bp.post("/<referent_ref>/absences/<absence_ref>/retirer")
@requires(Permission.ANNUAIRE_MODIFIER)
def retirer_absence(referent_ref: str, absence_ref: str) -> Response:
    """Take back an absence."""
    referent = commun.a_modifier(referent_ref)
    version = Formulaire().version_number
    try:
        titulaires.retirer_absence(db(), clock(), current_actor(), referent, absence_ref, version=version)
    except StaleVersion:
        db().rollback()
        flash(_("Cette fiche a changé pendant que vous la lisiez : relisez-la, puis confirmez."), "alerte")
    except DomainError as error:
        flash(domain_message(error), "alerte")
    else:
        flash(_("L’absence est retirée."), "succes")
    return see_other(url_for("annuaire.detail", referent_ref=referent_ref))
