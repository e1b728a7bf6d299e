"""Acts of the circuit: freezing, signing on line, bringing a signed paper, refusing, reminding."""

from functools import partial

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions import service as lignes
from portal.conventions.enums import Statut
from portal.conventions.signature import service
from portal.conventions.signature.circuit import Circuit
from portal.conventions.signature.delegations import habilitation
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.context import clock, db
from portal.web.guards import requires
from portal.web.render import see_other
from portal.web.signature import commun, gestes, pages
from portal.web.signature.blueprint import bp
from portal.web.signature.forms import FormActe
from portal.web.signature.gestes import Cible


@bp.route("/conventions/<convention_ref>/circuit/figer", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def figer(convention_ref: str) -> Response:
    """Freeze the agreed text and send it to signature."""
    actor, lu = commun.lire(convention_ref, Permission.CONVENTIONS_MODIFIER)
    titre, status = _("Figer le texte"), 200
    if lu.en_signature:
        return see_other(commun.adresse(lu))  # a second click: the text is frozen
    if lu.texte is None or lu.ligne.statut is not Statut.ACCORD_DE_PRINCIPE:
        cible = _cible(lu, actor)
        return cible.impossible(titre, cible.situation)
    form = FormActe(data={"version": str(lu.ligne.version)})
    if form.validate_on_submit():
        try:
            lignes.avancer(db(), clock(), actor, convention_ref, form.version_number, "mettre_en_signature")
        except StaleVersion:
            db().rollback()
            db().expire_all()
            _actor, lu = commun.lire(convention_ref)
            form.version.data = str(lu.ligne.version)
            form.form_errors = [_("La ligne a changé entre-temps. Vérifiez, puis envoyez de nouveau.")]
            status = 409
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le texte est figé. La première partie est prévenue qu’elle peut signer."), "succes")
            return see_other(commun.adresse(lu))
    conditions = pages.conditions(lu) if lu.texte is not None else []
    return _cible(lu, actor).page("figer", titre, form, status, conditions=conditions)


def _cible(lu: Circuit, actor: Actor) -> Cible:
    ref, droit = lu.ligne.ref, habilitation(db(), actor, lu.ligne, lu.jour)
    return Cible(
        lu,
        partial(commun.fil, lu),
        commun.adresse(lu),
        pages.situation(actor, lu, droit)[2],
        droit,
        partial(service.signer, db(), clock(), actor, ref),
        partial(service.deposer, db(), clock(), actor, ref),
        partial(service.refuser, db(), clock(), actor, ref),
        partial(_relire, ref),
        lambda cible: pages.depasse(cible.lu),
        lambda: [(lue.code, lue.titre) for lue in lu.texte.negociees] if lu.texte is not None else [],
    )


def _relire(convention_ref: str) -> Cible:
    db().rollback()
    db().expire_all()
    actor, lu = commun.lire(convention_ref)
    return _cible(lu, actor)


@bp.route("/conventions/<convention_ref>/circuit/signer", methods=["GET", "POST"])
@requires(Permission.SIGNATURE_SIGNER)
def signer(convention_ref: str) -> Response:
    """Accept the frozen text on line: fingerprint shown, password asked again, receipt sent."""
    actor, lu = commun.lire(convention_ref, Permission.SIGNATURE_SIGNER)
    return gestes.signer(_cible(lu, actor), actor)


@bp.route("/conventions/<convention_ref>/circuit/papier/<partie>", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_ENREGISTRER_SIGNATURE)
def deposer(convention_ref: str, partie: str) -> Response:
    """Bring the text that a party signed on paper."""
    actor, lu = commun.lire(convention_ref, Permission.CONVENTIONS_ENREGISTRER_SIGNATURE)
    return gestes.deposer(_cible(lu, actor), actor, partie)


@bp.route("/conventions/<convention_ref>/circuit/refuser", methods=["GET", "POST"])
@requires(Permission.SIGNATURE_SIGNER)
def refuser(convention_ref: str) -> Response:
    """Refuse to sign, and say why: the negotiation reopens."""
    actor, lu = commun.lire(convention_ref, Permission.SIGNATURE_SIGNER)
    return gestes.refuser(_cible(lu, actor), actor)


@bp.post("/conventions/<convention_ref>/circuit/relancer")
@requires(Permission.CONVENTIONS_MODIFIER)
def relancer(convention_ref: str) -> Response:
    """Remind those whose signature is awaited."""
    actor, _lu = commun.lire(convention_ref, Permission.CONVENTIONS_MODIFIER)
    try:
        nombre = service.relancer(db(), clock(), actor, convention_ref)
    except DomainError as error:
        form = FormActe()
        form.refuse(error)
        for message in form.form_errors:
            flash(message, "alerte")
    else:
        flash(
            ngettext("%(num)s personne est relancée.", "%(num)s personnes sont relancées.", nombre), "succes"
        )
    return see_other(url_for("signature.circuit", convention_ref=convention_ref))
