"""Delegations of signature of one's organisation."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.conventions.signature import delegations as service
from portal.documents.storage import Storage
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.web.context import clock, current_actor, db, settings
from portal.web.guards import requires
from portal.web.render import attachment, render_view, see_other
from portal.web.signature import commun
from portal.web.signature.blueprint import bp
from portal.web.signature.forms import FormActe, FormDelegation


@bp.get("/delegations")
@requires(Permission.SIGNATURE_DELEGUER)
def delegations() -> Response:
    """Who may sign for the organisation besides its direction."""
    actor = current_actor()
    return render_view(
        "signature/delegations.html",
        fil=[(_("Suivi des conventions"), url_for("conventions.liste")), (_("Délégations de signature"), "")],
        organisation=actor.organisation_nom,
        lignes=service.toutes(db(), actor),
        jour=clock().today(actor.fuseau),
        form=FormActe(),
    )


@bp.route("/delegations/ajouter", methods=["GET", "POST"])
@requires(Permission.SIGNATURE_DELEGUER)
def deleguer() -> Response:
    """Record a delegation."""
    actor = current_actor()
    form = FormDelegation(data={"du": clock().today(actor.fuseau)})
    possibles = service.delegables(db(), actor)
    form.personne.choices = [
        ("", _("Choisissez")),
        *((personne.ref, f"{personne.prenom} {personne.nom}") for personne in possibles),
    ]
    if form.validate_on_submit() and form.du.data is not None:
        try:
            service.deleguer(
                db(),
                clock(),
                actor,
                personne_ref=form.personne.data or "",
                qualite=form.qualite.data or "",
                reference=form.reference.data or "",
                du=form.du.data,
                au=form.au.data,
                fichier_id=commun.deposer_pdf(actor, form.fichier),
                cle=form.cle_idempotence.data,
            )
        except DomainError as error:
            db().rollback()
            form.refuse(error)
        else:
            flash(_("La délégation est enregistrée."), "succes")
            return see_other(url_for("signature.delegations"))
    return render_view(
        "signature/deleguer.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=[
            (_("Suivi des conventions"), url_for("conventions.liste")),
            (_("Délégations de signature"), url_for("signature.delegations")),
            (_("Ajouter"), ""),
        ],
        form=form,
        personne=bool(possibles),
        action=url_for("signature.deleguer"),
        annuler=url_for("signature.delegations"),
    )


@bp.post("/delegations/<delegation_ref>/retirer")
@requires(Permission.SIGNATURE_DELEGUER)
def retirer_delegation(delegation_ref: str) -> Response:
    """Withdraw a delegation."""
    service.retirer(db(), clock(), current_actor(), delegation_ref)
    flash(_("La délégation est retirée. Ce qui a été signé avant reste valable."), "succes")
    return see_other(url_for("signature.delegations"))


@bp.get("/delegations/<delegation_ref>/acte")
@requires(Permission.SIGNATURE_DELEGUER)
def acte_delegation(delegation_ref: str) -> Response:
    """The act of a delegation of one's organisation."""
    fichier = service.piece(db(), current_actor(), delegation_ref)
    return attachment(Storage(settings()).open_for_download(fichier), fichier.nom, fichier.type_mime)
