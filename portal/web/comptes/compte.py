"""« Mon compte »: what one sees, corrects and secures about oneself."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _

from portal.comptes import agenda, comptes, mots_de_passe, queries, sessions
from portal.comptes.connexion import Issue
from portal.comptes.donnees import donnees_de
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.comptes import entree
from portal.web.comptes.forms import FormIdentite, FormMotDePasse, FormNouvelleAdresse, FormPreferences
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.render import render_view, see_other

bp = Blueprint("compte", __name__, url_prefix="/compte")


@bp.get("")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def index() -> Response:
    """The whole account on one page."""
    me = queries.moi(db(), current_actor())
    return render_view(
        "comptes/compte/index.html",
        personne=me,
        acces=[row for row in queries.acces_de(db(), me.id) if row.revoquee_le is None],
    )


@bp.route("/identite", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def identite() -> Response:
    """Correct one's name and telephone; a stale form is shown both versions."""
    me = queries.moi(db(), current_actor())
    form = FormIdentite(obj=me)
    rival = None
    if form.validate_on_submit():
        try:
            comptes.update_identity(
                db(),
                clock(),
                current_actor(),
                prenom=form.prenom.data or "",
                nom=form.nom.data or "",
                telephone=form.telephone.data or "",
                version=form.version_number,
            )
        except StaleVersion as stale:
            stored = FormIdentite(formdata=None, obj=stale.current)
            rival = conflict(stale.current, stored, form, url_for("compte.identite"))
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            return _saved(_("Vos coordonnées sont enregistrées."))
    return _page("identite", form, _("Mes coordonnées"), rival)


@bp.route("/preferences", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def preferences() -> Response:
    """Choose one's language, and when to be written to."""
    me = queries.moi(db(), current_actor())
    form = FormPreferences(data=_preferences_of(me))
    rival = None
    if form.validate_on_submit():
        try:
            comptes.update_preferences(
                db(),
                clock(),
                current_actor(),
                langue=form.langue.data,
                preference_envoi=form.preference,
                version=form.version_number,
            )
        except StaleVersion as stale:
            stored = FormPreferences(formdata=None, data=_preferences_of(stale.current))
            rival = conflict(stale.current, stored, form, url_for("compte.preferences"))
        except DomainError as error:
            form.refuse(error)
        else:
            return _saved(_("Vos préférences sont enregistrées."))
    return _page("preferences", form, _("Mes préférences"), rival)


def _preferences_of(me: Any) -> dict[str, object]:
    return {"langue": me.langue, "preference_envoi": me.preference_envoi.value, "version": me.version}


@bp.route("/mot-de-passe", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def mot_de_passe() -> Response:
    """Change one's password; the other sessions end."""
    form = FormMotDePasse()
    status = None
    if form.validate_on_submit():
        present = form.actuel.data or ""
        status = confirm_present(form, present)
        if status is None:
            try:
                mots_de_passe.change_password(
                    db(), clock(), settings(), current_actor(), present, form.mot_de_passe.data or ""
                )
            except DomainError as error:
                form.refuse(error)
            else:
                return _saved(_("Votre mot de passe est changé. Vos autres sessions sont fermées."))
    return _page("mot_de_passe", form, _("Changer mon mot de passe"), status=status)


@bp.route("/adresse", methods=["GET", "POST"])
@requires(Permission.COMPTE_GERER_LE_SIEN)
def adresse() -> Response:
    """Ask to change one's e-mail address: a link goes to the new one."""
    form = FormNouvelleAdresse()
    status = None
    if form.validate_on_submit():
        status = confirm_present(form, form.actuel.data or "")
        if status is None:
            try:
                comptes.request_new_email(db(), clock(), settings(), current_actor(), form.email.data or "")
            except DomainError as error:
                form.refuse(error)
            else:
                return _saved(_("Un lien est parti à la nouvelle adresse : ouvrez-le pour la confirmer."))
    return _page("adresse", form, _("Changer mon adresse électronique"), status=status)


def confirm_present(form: Formulaire, password: str) -> int | None:
    """Check the present password: None when it is right, else the status of the refusal put in the form."""
    outcome = mots_de_passe.confirm_password(
        db(), clock(), settings(), current_actor(), password, entree.address()
    )
    return None if outcome.issue is Issue.OK else entree.refused(form, outcome)


@bp.get("/sessions")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def mes_sessions() -> Response:
    """Where one is signed in."""
    config = settings()
    listed = sessions.list_sessions(
        db(),
        clock(),
        current_actor(),
        idle=timedelta(minutes=config.session_idle_minutes),
        absolute=timedelta(hours=config.session_max_hours),
    )
    return render_view(
        "comptes/compte/sessions.html",
        fil=[entree.home_crumb(), (_("Mes sessions"), "")],
        sessions=listed,
    )


@bp.post("/sessions/<session_ref>/fermer")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def fermer_session(session_ref: str) -> Response:
    """End one of one's other sessions."""
    sessions.close_by_ref(db(), clock(), current_actor(), session_ref)
    flash(_("La session est fermée."), "succes")
    return see_other(url_for("compte.mes_sessions"))


@bp.post("/sessions/fermer-les-autres")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def fermer_les_autres() -> Response:
    """End all of one's sessions but this one."""
    sessions.close_others(db(), clock(), current_actor())
    flash(_("Vos autres sessions sont fermées."), "succes")
    return see_other(url_for("compte.mes_sessions"))


@bp.get("/donnees")
@requires(Permission.COMPTE_GERER_LE_SIEN)
def donnees() -> Response:
    """All that the portal holds about the person."""
    me = queries.moi(db(), current_actor())
    return render_view(
        "comptes/compte/donnees.html",
        fil=[entree.home_crumb(), (_("Mes données"), "")],
        personne=me,
        acces=queries.acces_de(db(), me.id),
        connexions=queries.connexions_recentes(db(), me.id),
        agenda_le=agenda.creee_le(db(), current_actor()),
        ailleurs=donnees_de(db(), me),
    )


def _saved(message: str) -> Response:
    flash(message, "succes")
    return see_other(url_for("compte.index"))


def _page(
    name: str, form: Formulaire, titre: str, rival: dict[str, Any] | None = None, status: int | None = None
) -> Response:
    return render_view(
        f"comptes/compte/{name}.html",
        status=409 if rival else status or entree.status_of(form),
        fil=[entree.home_crumb(), (titre, "")],
        titre=titre,
        form=form,
        rival=rival,
    )
