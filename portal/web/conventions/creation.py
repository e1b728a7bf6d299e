"""Opening a line of the deployment plan: first the operator, then the rest."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions import parametres, service
from portal.organisations import queries as organisations
from portal.organisations.enums import TypeOrganisation
from portal.organisations.parametres import value
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors
from portal.web.context import clock, current_actor, db
from portal.web.conventions.blueprint import bp
from portal.web.conventions.forms import FormCreer
from portal.web.guards import requires
from portal.web.render import render_view, see_other

OPERATEURS = [kind for kind in TypeOrganisation if kind not in (TypeOrganisation.SIAO, TypeOrganisation.ETAT)]
PROPOSES = 30


@bp.route("/nouvelle", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_CREER)
def nouvelle() -> Response:
    """Open a line; without an operator in the address, look for it first."""
    actor, ref = current_actor(), request.args.get("operateur", "")
    if not ref:
        return _chercher(actor)
    operateur = organisations.organisation(db(), actor, ref)
    form = _formulaire(actor, operateur)
    if form.validate_on_submit():
        try:
            ligne = service.creer(
                db(),
                clock(),
                actor,
                operateur_ref=operateur.ref,
                siao_ref=form.siao.data,
                natures=form.natures.data,
                date_cible=form.date_cible.data,
                mode=form.mode_choisi(),
                notes=form.notes.data or "",
                cle=form.cle_idempotence.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La ligne est ouverte."), "succes")
            return see_other(url_for("conventions.detail", convention_ref=ligne.ref))
    return render_view(
        "conventions/nouvelle.html",
        "conventions/_nouvelle.html",
        status=422 if form.errors else 200,
        fil=_fil(),
        form=form,
        operateur=operateur,
        action=url_for("conventions.nouvelle", operateur=ref),
    )


def _chercher(actor: Actor) -> Response:
    texte = request.args.get("q", "").strip()[:100]
    trouves = organisations.suggestions(db(), actor, texte, types=OPERATEURS, limit=PROPOSES + 1)
    return render_view(
        "conventions/operateur.html",
        "conventions/_operateur.html",
        fil=_fil(),
        q=texte,
        trouves=trouves[:PROPOSES],
        davantage=len(trouves) > PROPOSES,
    )


def _formulaire(actor: Actor, operateur: Any) -> FormCreer:
    siaos = organisations.suggestions(db(), actor, "", types=[TypeOrganisation.SIAO], limit=60)
    if actor.profil in SIAO:
        siaos = [row for row in siaos if row.id == actor.organisation_id]
    form = FormCreer(
        data={
            "siao": siaos[0].ref if len(siaos) == 1 else "",
            "natures": organisations.places_par_nature(db(), operateur.id),
            "date_cible": value(db(), parametres.DATE_CIBLE, actor.departement_code),
        }
    )
    form.siao.choices = [(row.ref, row.nom) for row in siaos]
    if len(siaos) > 1:
        form.siao.choices.insert(0, ("", _("Choisir un SIAO")))
    return form


def _fil() -> list[tuple[str, str]]:
    return [(_("Suivi des conventions"), url_for("conventions.liste")), (_("Nouvelle ligne"), "")]
