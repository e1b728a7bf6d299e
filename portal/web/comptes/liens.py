"""What a link received by e-mail opens: an invitation, a new password, a new address. GET changes nothing."""

from datetime import datetime

from flask import Blueprint, Response, flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.comptes import comptes, connexion, invitations, mots_de_passe
from portal.comptes.connexion import Issue
from portal.comptes.invitations import Invitation
from portal.shared.errors import DomainError
from portal.web.comptes import entree
from portal.web.comptes.forms import FormActuel, FormBienvenue, FormEmail, NouveauMotDePasse
from portal.web.comptes.routes import to_second_factor
from portal.web.context import actor_or_none, clock, db, settings
from portal.web.forms import Formulaire
from portal.web.guards import public
from portal.web.render import render_view, see_other

bp = Blueprint("liens", __name__)

# Without a membership left one cannot sign in: the invitation is what gives one back.
RIGHT_PASSWORD = (Issue.OK, Issue.SECOND_FACTOR, Issue.ENROLMENT, Issue.NO_ACCESS)


@bp.route("/mot-de-passe-oublie", methods=["GET", "POST"])
@public
def oubli() -> Response:
    """Ask for a link; the answer is the same whether or not the account exists."""
    form = FormEmail()
    if form.validate_on_submit():
        wait = mots_de_passe.request_reset(
            db(), clock(), settings(), form.email.data or "", entree.address(), str(get_locale())
        )
        if not wait:
            return see_other(url_for("liens.oubli_envoye"))
        form.refuse(DomainError("comptes.trop_d_essais", minutes=-(-wait // 60)))
        return render_view("comptes/oubli.html", status=429, form=form)
    return render_view("comptes/oubli.html", status=entree.status_of(form), form=form)


@bp.get("/mot-de-passe-oublie/envoye")
@public
def oubli_envoye() -> Response:
    """Say what to do next."""
    return render_view("comptes/oubli_envoye.html", minutes=settings().reset_minutes)


@bp.route("/reinitialisation/<jeton>", methods=["GET", "POST"])
@public
def reinitialisation(jeton: str) -> Response:
    """Choose a new password."""
    asked = mots_de_passe.read_reset(db(), clock(), jeton)
    form = NouveauMotDePasse()
    if asked is None:
        return _over(url_for("liens.oubli"), _("Demander un nouveau lien"))
    if form.validate_on_submit():
        try:
            mots_de_passe.reset(db(), clock(), settings(), jeton, form.mot_de_passe.data or "")
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Votre mot de passe est changé. Vous pouvez vous connecter."), "succes")
            return see_other(url_for("comptes.connexion"))
    return render_view(
        "comptes/reinitialisation.html",
        status=entree.status_of(form),
        form=form,
        email=asked.email,
        action=url_for("liens.reinitialisation", jeton=jeton),
    )


@bp.route("/adresse/<jeton>", methods=["GET", "POST"])
@public
def adresse(jeton: str) -> Response:
    """Confirm a new e-mail address."""
    email = comptes.read_new_email(db(), clock(), jeton)
    form = Formulaire()
    if email is None:
        return _over(url_for("compte.index"), _("Aller à « Mon compte »"))
    if form.validate_on_submit():
        comptes.confirm_new_email(db(), clock(), jeton)
        flash(_("Votre adresse électronique est maintenant %(email)s.", email=email), "succes")
        return see_other(url_for("compte.index"))
    return render_view(
        "comptes/adresse.html", form=form, email=email, action=url_for("liens.adresse", jeton=jeton)
    )


@bp.route("/invitation/<jeton>", methods=["GET", "POST"])
@public
def invitation(jeton: str) -> Response:
    """Show an invitation, and accept it: as a new person, signed in, or by giving one's password."""
    found = invitations.read(db(), clock(), jeton)
    if found is None:
        return _over(
            url_for("comptes.connexion"), _("Se connecter"), expiree=invitations.expired(db(), clock(), jeton)
        )
    if not found.ouverte:
        return _over(url_for("comptes.connexion"), _("Se connecter"), fermee=found.organisation_nom)
    actor = actor_or_none()
    if actor is not None and actor.email != found.email:
        return _show(jeton, found, Formulaire(), "autre")
    if actor is not None:
        return _accept_signed_in(jeton, found, actor.personne_id)
    return _accept_with_password(jeton, found) if found.compte else _accept_new(jeton, found)


def _accept_signed_in(jeton: str, found: Invitation, personne_id: int) -> Response:
    form = Formulaire()
    if not form.validate_on_submit():
        return _show(jeton, found, form, "connecte")
    try:
        invitations.accept_existing(db(), clock(), jeton, personne_id)
    except DomainError as error:
        form.refuse(error)
        return _show(jeton, found, form, "connecte")
    joined = _(
        "Vous avez rejoint « %(nom)s ». Changez de profil en haut de page.", nom=found.organisation_nom
    )
    flash(joined, "succes")
    return see_other(url_for("compte.index"))


def _accept_with_password(jeton: str, found: Invitation) -> Response:
    form = FormActuel()
    if not form.validate_on_submit():
        return _show(jeton, found, form, "compte")
    outcome = connexion.sign_in(
        db(), clock(), settings(), found.email, form.actuel.data or "", entree.address()
    )
    if outcome.personne_id is None or outcome.issue not in RIGHT_PASSWORD:
        return _show(jeton, found, form, "compte", entree.refused(form, outcome))
    try:
        ref = invitations.accept_existing(db(), clock(), jeton, outcome.personne_id)
    except DomainError as error:
        form.refuse(error)
        return _show(jeton, found, form, "compte")
    return _welcome(outcome.personne_id, ref)


def _accept_new(jeton: str, found: Invitation) -> Response:
    form = FormBienvenue(data={"prenom": found.prenom, "nom": found.nom})
    if not form.validate_on_submit():
        return _show(jeton, found, form, "nouveau")
    try:
        personne_id, ref = invitations.accept(
            db(),
            clock(),
            jeton,
            password=form.mot_de_passe.data or "",
            prenom=form.prenom.data or "",
            nom=form.nom.data or "",
            langue=str(get_locale()),
        )
    except DomainError as error:
        form.refuse(error)
        return _show(jeton, found, form, "nouveau")
    return _welcome(personne_id, ref)


def _welcome(personne_id: int, adhesion_ref: str) -> Response:
    """Sign in whoever just accepted; the second factor comes first when there is one."""
    issue = connexion.after_password(db(), settings(), personne_id)
    flash(_("Bienvenue. Votre accès est ouvert."), "succes")
    if issue is not Issue.OK:
        return to_second_factor(personne_id, issue, "", adhesion_ref)
    entree.enter(personne_id, second_factor=False, adhesion_ref=adhesion_ref)
    return entree.welcome("/")


def _show(jeton: str, found: Invitation, form: Formulaire, cas: str, status: int | None = None) -> Response:
    return render_view(
        "comptes/invitation.html",
        status=status or entree.status_of(form),
        invitation=found,
        form=form,
        cas=cas,
        action=url_for("liens.invitation", jeton=jeton),
    )


def _over(suite: str, texte: str, fermee: str = "", expiree: tuple[str, datetime] | None = None) -> Response:
    """Say that a link no longer works, and what to do.

    `fermee`: the organisation that closed since; `expiree`: the one that may send its invitation again, and
    when this one ended.
    """
    return render_view(
        "comptes/lien_perime.html", status=410, suite=suite, texte=texte, fermee=fermee, expiree=expiree
    )
