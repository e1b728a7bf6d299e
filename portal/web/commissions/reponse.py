"""Answering an invitation by the link of its e-mail, without signing in: GET shows, POST answers.

Programs that follow the links of e-mails change nothing. Neither the address of who is invited nor who else
comes is shown.
"""

from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import gettext as _

from portal.commissions import invitations
from portal.commissions.enums import DONNEES, Canal, Reponse
from portal.commissions.suppleances import de_l_annuaire
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.commissions import commun
from portal.web.commissions.forms_seances import FormReponse
from portal.web.commissions.seances import depasse, fuseau
from portal.web.context import clock, db
from portal.web.forms import read_version
from portal.web.guards import public
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

bp = Blueprint("convocations", __name__, url_prefix="/seances")


@bp.route("/reponse/<jeton>", methods=["GET", "POST"])
@public
def repondre(jeton: str) -> Response:
    """Show an invitation, and take its answer."""
    part = invitations.par_jeton(db(), jeton)
    if part is None:
        return _prive(render_view("commissions/lien_mort.html", status=404))
    invitation = part.invitation
    form = FormReponse.de(part, second=de_l_annuaire(db(), invitation))
    if request.method == "GET":
        form.version.data = str(invitation.seance.sequence)
    overtaken = False
    if form.validate_on_submit():
        repondre = invitations.repondre_suppleant if part.suppleance else invitations.repondre
        try:
            repondre(
                db(),
                clock(),
                None,
                invitation,
                Reponse(form.reponse.data),
                Canal.LIEN,
                sequence=read_version(request.form.get("version")),
                **form.saisie,
            )
        except StaleVersion:
            depasse(form, invitation.seance)
            form.version.data = str(invitation.seance.sequence)
            overtaken = True
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            return _prive(see_other(url_for("convocations.repondre", jeton=jeton, recue=1)))
    recue = request.method == "GET" and "recue" in request.args and part.sienne.statut in DONNEES
    return _prive(
        render_view(
            "commissions/reponse.html",
            status=409 if overtaken else status_of(form),
            titre=_("Merci, votre réponse est enregistrée") if recue else _("Viendrez-vous ?"),
            recue=recue,
            invitation=invitation,
            part=part,
            seance=invitation.seance,
            commission=invitation.seance.commission,
            fuseau=fuseau(invitation.seance),
            fonction=commun.libelles_fonctions(invitation.seance.departement_code).get(
                invitation.referent.fonction_code, ""
            ),
            ouverte=invitations.peut_repondre(clock(), invitation),
            form=form,
            action=url_for("convocations.repondre", jeton=jeton),
        )
    )


@bp.post("/reponse/<jeton>/vue")
@public
def vue(jeton: str) -> Response:
    """Note that a person has the invitation before their eyes: the page itself asks for it."""
    part = invitations.par_jeton(db(), jeton)
    if part is not None:
        invitations.vue(db(), clock(), part)
    return make_response("", 204)


def _prive(response: Any) -> Response:
    """Keep the page of a secret address out of caches, of search engines and of other sites' logs."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    made: Response = response
    return made
