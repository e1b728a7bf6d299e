"""Opening, changing, verifying and closing functions; the list of functions of a département."""

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.annuaire import queries, service
from portal.annuaire.regles import courriel_prive
from portal.annuaire.service import TITULAIRE
from portal.organisations import queries as organisations
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.annuaire.forms import PERSONNE, FormFermerFonction, FormFonction, FormReferent, FormTitulaire
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.organisations.filtres import text
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.route("/nouvelle", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def ouvrir() -> Response:
    """Open a function of an organisation (« organisation » in the address; else the actor's own)."""
    actor = current_actor()
    organisation = organisations.organisation(db(), actor, text("organisation", 16) or actor.organisation_ref)
    codes = _codes(actor, organisation)
    if not codes:
        raise Forbidden(Permission.ANNUAIRE_MODIFIER.value)
    jour = clock().today(actor.fuseau)
    form = FormReferent.of(organisation, codes)
    personne = FormTitulaire.first(jour)
    action = url_for("annuaire.ouvrir", organisation=organisation.ref)
    tenue = any((personne[name].data or "").strip() for name in PERSONNE)
    if form.validate_on_submit() and (not tenue or personne.validate()):
        try:
            made = service.ouvrir(
                db(),
                clock(),
                actor,
                organisation,
                form.saisie(),
                personne.saisie() if tenue else None,
                key=form.cle_idempotence.data or "",
            )
        except (DomainError, DomainErrors) as error:
            _refuser(form, personne, error)
        else:
            flash(_("La fiche est à l’annuaire."), "succes")
            avertir(form.email.data, personne.email.data)
            return see_other(url_for("annuaire.detail", referent_ref=made.ref))
    return render_view(
        "annuaire/ouvrir.html",
        "annuaire/_formulaire.html",
        status=max(status_of(form), status_of(personne)),
        fil=[(_("Annuaire"), url_for("annuaire.liste")), (_("Nouvelle fiche"), "")],
        organisation=organisation,
        form=form,
        personne=personne,
        action=action,
        annuler=url_for("annuaire.liste"),
    )


@bp.route("/<referent_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def modifier(referent_ref: str) -> Response:
    """Change a function; a stale form is shown both versions."""
    actor = current_actor()
    referent = commun.a_modifier(referent_ref)
    codes = _codes(actor, referent.organisation)
    form = FormReferent.of(referent.organisation, codes, referent)
    here = url_for("annuaire.modifier", referent_ref=referent_ref)
    back = url_for("annuaire.detail", referent_ref=referent_ref)
    rival = None
    if form.validate_on_submit():
        try:
            service.modifier(db(), clock(), actor, referent, form.saisie(), version=form.version_number)
        except StaleVersion:
            db().expire_all()
            referent = queries.referent(db(), actor, referent_ref)
            stored = FormReferent.of(referent.organisation, codes, referent, formdata=None)
            rival = conflict(referent, stored, form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La fiche est enregistrée."), "succes")
            avertir(form.email.data)
            return see_other(back)
    return render_view(
        "annuaire/modifier.html",
        "annuaire/_formulaire.html",
        status=409 if rival else status_of(form),
        fil=commun.fil_de(referent, _("Modifier")),
        organisation=referent.organisation,
        form=form,
        personne=None,
        rival=rival,
        action=here,
        annuler=back,
    )


@bp.post("/<referent_ref>/verifier")
@requires(Permission.ANNUAIRE_MODIFIER)
def verifier(referent_ref: str) -> Response:
    """Say that the card is right today."""
    referent = commun.a_modifier(referent_ref)
    form = Formulaire()
    try:
        service.verifier(db(), clock(), current_actor(), referent, version=form.version_number)
    except StaleVersion:
        db().rollback()
        flash(_("Cette fiche a changé pendant que vous la lisiez : relisez-la, puis confirmez."), "alerte")
    except DomainError as error:
        flash(domain_message(error), "alerte")
    else:
        flash(_("Merci : la fiche est vérifiée aujourd’hui."), "succes")
    return see_other(url_for("annuaire.detail", referent_ref=referent_ref))


@bp.route("/<referent_ref>/fermer", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def fermer(referent_ref: str) -> Response:
    """Take a function out of the directory on a day."""
    actor = current_actor()
    referent = commun.a_modifier(referent_ref)
    back = url_for("annuaire.detail", referent_ref=referent_ref)
    form = FormFermerFonction(
        data={"version": str(referent.version), "ferme_le": clock().today(actor.fuseau)}
    )
    overtaken = False
    if form.validate_on_submit():
        try:
            service.fermer(db(), clock(), actor, referent, form.jour, version=form.version_number)
        except StaleVersion:
            overtaken = relire(form, referent)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La fonction a quitté l’annuaire."), "succes")
            return see_other(back)
    return render_view(
        "annuaire/acte.html",
        "annuaire/_fermer.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(referent, _("Fermer")),
        titre=_("Retirer cette fonction de l’annuaire ?"),
        corps="annuaire/_fermer.html",
        form=form,
        action=url_for("annuaire.fermer", referent_ref=referent_ref),
        annuler=back,
    )


@bp.route("/fonctions", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_FONCTIONS)
def fonctions() -> Response:
    """The functions of the actor's départements; add one."""
    actor = current_actor()
    form = FormFonction.of(actor.departements)
    if form.validate_on_submit():
        try:
            service.ajouter_fonction(
                db(),
                clock(),
                actor,
                form.departement_code.data,
                form.libelle.data or "",
                unicite=form.unicite.data == "1",
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La fonction est ajoutée à la liste du département."), "succes")
            return see_other(url_for("annuaire.fonctions"))
    return render_view(
        "annuaire/fonctions.html",
        status=status_of(form),
        fil=[(_("Annuaire"), url_for("annuaire.liste")), (_("Fonctions"), "")],
        form=form,
        listes=[(code, service.fonctions_de(db(), code).values()) for code in actor.departements],
        langue=commun.langue(),
    )


def avertir(*emails: str | None) -> None:
    """Warn of an address at a service for private people: the directory holds professional ones."""
    for email in emails:
        if email and courriel_prive(email):
            flash(
                _(
                    "« %(email)s » est une adresse d’un service grand public : l’annuaire ne garde que des "
                    "coordonnées professionnelles. Vérifiez-la.",
                    email=email,
                ),
                "alerte",
            )


def _codes(actor: Actor, organisation: Any) -> tuple[str, ...]:
    """Return the départements where the actor may write entries of an organisation."""
    works_in = {row.departement_code for row in organisation.departements}
    return tuple(
        code
        for code in actor.departements
        if code in works_in and can(actor, Permission.ANNUAIRE_MODIFIER, service.Place(organisation.id, code))
    )


def _refuser(form: FormReferent, personne: FormTitulaire, error: DomainError | DomainErrors) -> None:
    """Put each refusal next to its field: those of the holder say so."""
    for one in error.errors if isinstance(error, DomainErrors) else [error]:
        field = (one.field or "").removeprefix(TITULAIRE)
        if field == one.field or not one.field:
            form.refuse(one)
        else:
            personne.refuse(DomainError(one.code, field, **one.params))


def relire(form: Formulaire, referent: Any) -> bool:
    """Tell that the card changed meanwhile: the form is shown anew, over the present version."""
    db().expire_all()
    form.version.data = str(referent.version)
    form.form_errors = [
        _("Cette fiche a changé pendant que vous la lisiez. Relisez-la, puis confirmez de nouveau.")
    ]
    return True
