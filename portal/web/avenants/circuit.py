"""Signing an avenant: on line, on paper, refusing; and its documents."""

from functools import partial

from flask import Response, abort, flash, url_for
from flask_babel import ngettext

from portal.conventions.avenants import signature, travaux
from portal.conventions.avenants.queries import Lu
from portal.conventions.signature.delegations import habilitation
from portal.conventions.signature.enums import Sorte
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError
from portal.shared.messages import N_
from portal.web.avenants import commun, pages
from portal.web.avenants.blueprint import bp
from portal.web.avenants.forms import FormActe
from portal.web.context import clock, db
from portal.web.guards import requires
from portal.web.render import see_other
from portal.web.signature import gestes
from portal.web.signature.gestes import Cible
from portal.web.travaux import genres

genres.declare(travaux.DOCUMENT, genres.Genre(N_("Document d’un avenant ou version consolidée")))


def _cible(lu: Lu, actor: Actor) -> Cible:
    refs = lu.ligne.ref, lu.avenant.ref
    return Cible(
        lu,
        lambda titre: commun.fil(lu, (titre, "")),
        commun.adresse(lu),
        pages.situation(actor, lu)["phrase"],
        habilitation(db(), actor, lu.ligne, lu.jour),
        partial(signature.signer, db(), clock(), actor, *refs),
        partial(signature.deposer, db(), clock(), actor, *refs),
        partial(signature.refuser, db(), clock(), actor, *refs),
        lambda: _cible(commun.relire(lu), actor),
        lambda cible: pages.depasse(cible.lu),
        lambda: [(clause.code, clause.titre) for clause in lu.clauses],
        nom=commun.nom(lu),
    )


@bp.route("/<avenant_ref>/signer", methods=["GET", "POST"])
@requires(Permission.SIGNATURE_SIGNER)
def signer(convention_ref: str, avenant_ref: str) -> Response:
    """Accept the frozen avenant on line: fingerprint shown, password asked again, receipt sent."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.SIGNATURE_SIGNER)
    return gestes.signer(_cible(lu, actor), actor)


@bp.route("/<avenant_ref>/papier/<partie>", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_ENREGISTRER_SIGNATURE)
def deposer(convention_ref: str, avenant_ref: str, partie: str) -> Response:
    """Bring the avenant that a party signed on paper."""
    permission = Permission.CONVENTIONS_ENREGISTRER_SIGNATURE
    actor, lu = commun.lire(convention_ref, avenant_ref, permission)
    return gestes.deposer(_cible(lu, actor), actor, partie)


@bp.route("/<avenant_ref>/refuser", methods=["GET", "POST"])
@requires(Permission.SIGNATURE_SIGNER)
def refuser(convention_ref: str, avenant_ref: str) -> Response:
    """Refuse to sign, and say why: the negotiation of the avenant reopens."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.SIGNATURE_SIGNER)
    return gestes.refuser(_cible(lu, actor), actor)


@bp.post("/<avenant_ref>/produire/<sorte>")
@requires(Permission.CONVENTIONS_LIRE)
def produire(convention_ref: str, avenant_ref: str, sorte: str) -> Response:
    """Ask for a document of the avenant, and follow its making."""
    voulue = next((une for une in Sorte if une.value == sorte), None) or abort(404)
    actor, _lu = commun.lire(convention_ref, avenant_ref)
    travail = travaux.demander(db(), clock(), actor, convention_ref, voulue, avenant_ref=avenant_ref)
    return see_other(url_for("travaux.detail", travail_ref=travail.ref))


@bp.post("/<avenant_ref>/relancer")
@requires(Permission.CONVENTIONS_MODIFIER)
def relancer(convention_ref: str, avenant_ref: str) -> Response:
    """Remind those whose signature is awaited."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.CONVENTIONS_MODIFIER)
    form = FormActe()
    if form.validate_on_submit():
        try:
            nombre = signature.relancer(db(), clock(), actor, convention_ref, avenant_ref)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                ngettext("%(num)s personne est relancée.", "%(num)s personnes sont relancées.", nombre),
                "succes",
            )
    for message in form.form_errors:
        flash(message, "alerte")
    return see_other(commun.adresse(lu))
