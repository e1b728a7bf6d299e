"""Opening a line of the deployment plan: first the operator, then the rest."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions import parametres, service
from portal.conventions.creation import TYPES_OPERATEUR
from portal.conventions.policies import Couple
from portal.organisations import queries as organisations
from portal.organisations import queries_structures
from portal.organisations.enums import TypeOrganisation
from portal.organisations.parametres import value
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors
from portal.web.context import clock, current_actor, db
from portal.web.conventions.blueprint import bp
from portal.web.conventions.forms import FormCreer
from portal.web.guards import requires
from portal.web.render import render_view, see_other

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
                etat_ref=form.etat.data if "etat" in form else None,
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
    trouves = organisations.suggestions(db(), actor, texte, types=TYPES_OPERATEUR, limit=PROPOSES + 1)
    return render_view(
        "conventions/operateur.html",
        "conventions/_operateur.html",
        fil=_fil(),
        q=texte,
        trouves=trouves[:PROPOSES],
        davantage=len(trouves) > PROPOSES,
    )


def _formulaire(actor: Actor, operateur: Any) -> FormCreer:
    siaos = [
        row
        for row in organisations.suggestions(db(), actor, "", types=[TypeOrganisation.SIAO], limit=60)
        if can(actor, Permission.CONVENTIONS_CREER, Couple(row.departement_code, row.id, operateur.id))
    ]
    code = siaos[0].departement_code if siaos else actor.departement_code
    etats = organisations.partners(db(), code, TypeOrganisation.ETAT)
    sien = next((row.ref for row in etats if row.id == actor.organisation_id), "")
    form = FormCreer(
        data={
            "siao": siaos[0].ref if len(siaos) == 1 else "",
            "etat": sien,
            "natures": queries_structures.places_par_nature(db(), operateur.id),
            "date_cible": value(db(), parametres.DATE_CIBLE, actor.departement_code),
        }
    )
    form.siao.choices = [(row.ref, row.nom) for row in siaos]
    if len(siaos) > 1:
        form.siao.choices.insert(0, ("", _("Choisir un SIAO")))
    form.etat.choices = [("", _("Choisir un service")), *((row.ref, row.nom) for row in etats)]
    if len(etats) < 2:
        del form.etat
    return form


def _fil() -> list[tuple[str, str]]:
    return [(_("Suivi des conventions"), url_for("conventions.liste")), (_("Nouvelle ligne"), "")]
