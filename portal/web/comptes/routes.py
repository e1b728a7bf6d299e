"""Signing in, giving the second factor, changing profile, signing out."""

from flask import Blueprint, Response, abort, flash, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import Unauthorized

from portal.comptes import connexion as domaine
from portal.comptes import second_facteur as facteur
from portal.comptes import sessions
from portal.comptes.connexion import Issue
from portal.security.totp import qr_svg
from portal.shared.errors import DomainError
from portal.web.comptes import entree
from portal.web.comptes.forms import FormCode, FormConnexion
from portal.web.comptes.reprise import page_context, signed_out, unpack
from portal.web.context import actor_or_none, cipher, clock, current_actor, db, settings
from portal.web.guards import local_target, public, signed_in
from portal.web.render import render_view, see_other, wants_fragment

bp = Blueprint("comptes", __name__)
bp.app_errorhandler(Unauthorized)(signed_out)

NEXT = {Issue.SECOND_FACTOR: "comptes.second_facteur", Issue.ENROLMENT: "comptes.activation"}


@bp.get("/connexion")
@public
def connexion() -> Response:
    """The sign-in form; alone (`fragment=1`) when a page signs in again in place."""
    suite = request.args.get("suite", "")
    if actor_or_none() is not None and "fragment" not in request.args:
        return see_other(local_target(suite))
    return _form(FormConnexion(data={"suite": suite}))


@bp.post("/connexion")
@public
def se_connecter() -> Response:
    """Check the e-mail and the password."""
    form = FormConnexion()
    if not form.validate_on_submit():
        return _form(form, 422)
    outcome = domaine.sign_in(
        db(), clock(), settings(), form.email.data or "", form.mot_de_passe.data or "", entree.address()
    )
    if outcome.personne_id is None or outcome.error is not None:
        return _form(form, entree.refused(form, outcome))
    if outcome.issue is Issue.OK:
        entree.enter(outcome.personne_id, second_factor=False)
        return entree.welcome(form.suite.data, form.reprise.data)
    return to_second_factor(
        outcome.personne_id, outcome.issue, form.suite.data or "", reprise=form.reprise.data or ""
    )


def to_second_factor(
    personne_id: int, issue: Issue, suite: str, adhesion_ref: str = "", reprise: str = ""
) -> Response:
    """Go on to the second factor: give it, or set it up.

    With a `reprise` the form is the answer itself: an address could not carry what was typed.
    """
    entree.await_second_factor(personne_id, adhesion_ref=adhesion_ref)
    if issue is Issue.ENROLMENT:
        facteur.start(db(), clock(), cipher(), personne_id)
    carried = {"suite": suite, "reprise": reprise}
    if not wants_fragment() and reprise:
        form = FormCode(formdata=None, data=carried)
        if issue is Issue.SECOND_FACTOR:
            return _code_form(form, 200)
        prepared = facteur.prepared(db(), cipher(), personne_id)
        assert prepared is not None, "just started"
        return _activation_form(form, prepared[0])
    if not wants_fragment():
        return see_other(url_for(NEXT[issue], suite=suite or None))
    if issue is Issue.ENROLMENT:
        return render_view("comptes/_activation_ailleurs.html")
    return _code_form(FormCode(formdata=None, data=carried), 200)


def _code_form(form: FormCode, status: int) -> Response:
    return render_view(
        "comptes/second_facteur.html", "comptes/_second_facteur.html", status=status, form=form
    )


def _form(form: FormConnexion, status: int = 200) -> Response:
    return render_view("comptes/connexion.html", "comptes/_connexion.html", status=status, form=form)


@bp.route("/connexion/second-facteur", methods=["GET", "POST"])
@public
def second_facteur() -> Response:
    """Give the code of the application, or a recovery code."""
    waiting = entree.awaiting()
    form = FormCode(data={"suite": request.args.get("suite", "")})
    if waiting is None or not waiting.enrolled:
        return _again(form)
    status = entree.status_of(form)
    if form.validate_on_submit():
        outcome = domaine.check_second_factor(
            db(), clock(), settings(), cipher(), waiting.personne_id, form.code.data or "", entree.address()
        )
        if outcome.issue is Issue.OK:
            entree.enter(waiting.personne_id, second_factor=True)
            return entree.welcome(form.suite.data, form.reprise.data)
        status = entree.refused(form, outcome)
    return _code_form(form, max(status, entree.status_of(form)))


@bp.route("/connexion/activation", methods=["GET", "POST"])
@public
def activation() -> Response:
    """Set up the second factor that a profile requires, before the first entry."""
    waiting = entree.awaiting()
    form = FormCode(data={"suite": request.args.get("suite", "")})
    prepared = facteur.prepared(db(), cipher(), waiting.personne_id) if waiting else None
    if waiting is None or prepared is None:
        return _again(form)
    if form.validate_on_submit():
        try:
            codes = facteur.confirm(
                db(),
                clock(),
                cipher(),
                waiting.personne_id,
                form.code.data or "",
                session_id=waiting.session_id,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            entree.enter(waiting.personne_id, second_factor=True)
            return _codes(codes, form)
    return _activation_form(form, prepared[0])


def _codes(codes: list[str], form: FormCode) -> Response:
    """Show the recovery codes, then what comes next: the page asked for, or the form to send again."""
    if kept := unpack(form.reprise.data):
        return render_view("comptes/codes.html", codes=codes, **page_context(kept, form.suite.data))
    return render_view("comptes/codes.html", codes=codes, suite=local_target(form.suite.data))


def _activation_form(form: FormCode, secret: str) -> Response:
    return render_view(
        "comptes/activation.html",
        status=entree.status_of(form),
        form=form,
        secret=secret,
        qr=url_for("comptes.qr"),
        action=url_for("comptes.activation"),
    )


@bp.get("/connexion/activation/qr.svg")
@public
def qr() -> Response:
    """The secret being set up, as a QR code."""
    waiting = entree.awaiting()
    prepared = facteur.prepared(db(), cipher(), waiting.personne_id) if waiting else None
    if prepared is None:
        abort(404)
    return Response(qr_svg(prepared[1]), mimetype="image/svg+xml")


def _again(form: FormCode) -> Response:
    """Begin again: the few minutes have passed, or the password was not given in this browser."""
    session.pop(entree.AWAITING, None)
    if form.reprise.data and not wants_fragment():
        kept = {"suite": form.suite.data, "reprise": form.reprise.data}
        return _form(FormConnexion(formdata=None, data=kept))
    return see_other(url_for("comptes.connexion", suite=form.suite.data or None))


@bp.post("/profil-actif")
@signed_in
def profil_actif() -> Response:
    """Act through another of one's memberships."""
    sessions.switch_membership(db(), clock(), current_actor(), request.form.get("vers", ""))
    flash(_("Vous avez changé de profil."), "succes")
    return see_other("/")


@bp.post("/deconnexion")
@public
def deconnexion() -> Response:
    """Sign out."""
    if actor_or_none() is not None:
        entree.leave()
    flash(_("Vous êtes déconnecté."), "succes")
    return see_other(url_for("comptes.connexion"))
