"""What the secretariat does in session: open, put a dossier on the table, note general points, close."""

from flask import Response, flash
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.commissions.conduite import queries
from portal.commissions.conduite import seance as service
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.conduite import commun
from portal.web.conduite.blueprint import bp
from portal.web.conduite.forms import dire
from portal.web.conduite.pages import form_points
from portal.web.conflits import conflict
from portal.web.context import clock, db
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

DECIDER = Permission.DOSSIERS_DECIDER


def refuser(error: DomainError | DomainErrors, retour: str) -> Response:
    """Say why an act without a form of its own was refused."""
    db().rollback()
    flash(dire(error), "danger")
    return see_other(retour)


@bp.post("/<seance_ref>/conduite/ouvrir")
@requires(DECIDER)
def ouvrir(seance_ref: str) -> Response:
    """Open the session."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    try:
        service.ouvrir(db(), clock(), actor, suivie.seance)
    except DomainError as error:
        return refuser(error, retour)
    flash(_("La séance est ouverte."), "succes")
    return see_other(retour)


@bp.post("/<seance_ref>/conduite/dossiers/<dossier_ref>/examiner")
@requires(DECIDER)
def examiner(seance_ref: str, dossier_ref: str) -> Response:
    """Put a dossier on the table: every screen shows it."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    dossier = queries.dossier(db(), suivie, dossier_ref)
    try:
        service.examiner(db(), clock(), actor, suivie.seance, dossier)
    except DomainError as error:
        return refuser(error, retour)
    return see_other(retour)


@bp.post("/<seance_ref>/conduite/suspendre")
@requires(DECIDER)
def suspendre(seance_ref: str) -> Response:
    """Take the dossier off the table: the screens show none."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    try:
        service.examiner(db(), clock(), actor, suivie.seance, None)
    except DomainError as error:
        return refuser(error, retour)
    return see_other(retour)


@bp.route("/<seance_ref>/conduite/points", methods=["GET", "POST"])
@requires(DECIDER)
def points(seance_ref: str) -> Response:
    """Write the general points of the minutes."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    form = form_points(suivie)
    rival = None
    if form.validate_on_submit():
        texte = form.points.data or ""
        try:
            service.noter_points(db(), clock(), actor, suivie.seance, texte, version=form.version_number)
        except StaleVersion:
            db().expire_all()
            _actor, suivie = commun.lire(seance_ref)
            stored = form_points(suivie, formdata=None)
            rival = conflict(suivie.seance, stored, form, retour)
            form.version.data = stored.version.data
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Les points généraux sont enregistrés."), "succes")
            return see_other(retour)
    return render_view(
        "conduite/points.html",
        status=409 if rival else status_of(form),
        fil=commun.fil(suivie.seance, (_("Points généraux"), "")),
        form=form,
        rival=rival,
        action=f"{retour}/points",
        annuler=retour,
    )


@bp.route("/<seance_ref>/conduite/clore", methods=["GET", "POST"])
@requires(DECIDER)
def clore(seance_ref: str) -> Response:
    """Close the session: what is not settled comes back to the next one."""
    actor, suivie = commun.lire(seance_ref, DECIDER)
    retour = commun.adresse(suivie.seance)
    if suivie.close:
        return see_other(retour)  # closed meanwhile, or asked for twice
    form = Formulaire()
    rows = queries.lignes(db(), clock(), suivie.seance)
    restent = [row for row in rows if row.ici and not row.regle]
    if form.validate_on_submit():
        try:
            reportes = service.clore(db(), clock(), actor, suivie.seance)
        except DomainError as error:
            form.refuse(error)
        else:
            dit = _("La séance est close.")
            if reportes:
                dit += " " + ngettext(
                    "Un dossier revient à la prochaine séance qui a de la place.",
                    "%(num)s dossiers reviennent à la prochaine séance qui a de la place.",
                    reportes,
                )
            flash(dit, "succes")
            return see_other(retour)
    return render_view(
        "conduite/clore.html",
        status=status_of(form),
        fil=commun.fil(suivie.seance, (_("Clore la séance"), "")),
        form=form,
        restent=restent,
        decides=sum(row.regle for row in rows),
        action=f"{retour}/clore",
        annuler=retour,
    )
