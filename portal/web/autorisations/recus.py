"""Giving an adult their receipt: the PIN that they choose, the paper with its QR code, ending it."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.grilles.autorisations import queries, recus
from portal.grilles.autorisations.apercu import signe_par
from portal.grilles.autorisations.lecture import lues
from portal.grilles.menages.policies import Vise
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, NotVisible
from portal.web.autorisations import commun, documents
from portal.web.autorisations.blueprint import bp
from portal.web.autorisations.forms import FormCode
from portal.web.autorisations.pages import RECUEILLIR
from portal.web.context import clock, db, settings
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.menages.commun import lire, noter_lecture
from portal.web.organisations.routes import status_of
from portal.web.render import attachment, see_other


@bp.route("/recus/<adulte_ref>", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def recu(menage_ref: str, adulte_ref: str) -> Response:
    """The adult chooses a PIN on the professional's device; the receipt is then printed, or printed again."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    personne = commun.personne(vise, adulte_ref)
    if vise.menage.protege:
        raise NotVisible(adulte_ref)
    langue = _langue(vise, personne)
    ici = commun.adresse(vise.menage, f"/recus/{personne.ref}")
    form = FormCode()
    with commun.en_langue(langue):
        if form.validate_on_submit():
            try:
                recus.creer(
                    db(), clock(), actor, vise, adulte_ref, form.pin.data or "", form.encore.data or ""
                )
            except DomainError as error:
                form.refuse(error)
            else:
                return see_other(ici)
        actuel = queries.recus_de(db(), vise.menage).get(personne.id)
        return commun.page_du_menage(
            "autorisations/recu.html",
            status=status_of(form),
            personne=personne,
            actuel=actuel,
            nouveau=actuel is None or "nouveau" in request.args or request.method == "POST",
            form=form,
            fin=Formulaire(),
            action=ici,
            revenir=commun.adresse(vise.menage),
        )


@bp.get("/recus/<adulte_ref>/recu.pdf")
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def recu_pdf(menage_ref: str, adulte_ref: str) -> Response:
    """The receipt, to be printed and handed over."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    personne = commun.personne(vise, adulte_ref)
    tenu = queries.recus_de(db(), vise.menage).get(personne.id)
    if tenu is None or vise.menage.protege:
        raise NotVisible(adulte_ref)
    ouvertes = [
        one.autorisation
        for one in lues(db(), clock(), vise.menage)
        if one.ouverte and any(a.adulte_id == personne.id for a in one.autorisation.accords)
    ]
    noter_lecture(vise.menage, recus.RECU, tenu.ref)
    secret = recus.jeton(db(), tenu)
    page = settings().public_url.rstrip("/") + url_for("recus.page", jeton=secret)
    with commun.en_langue(_langue(vise, personne)):
        octets = documents.recu(personne, ouvertes, page, signe_par(actor), clock().now())
    return commun.prive(attachment(octets, "recu.pdf", "application/pdf"))


@bp.post("/recus/<adulte_ref>/revoquer")
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def recu_revoquer(menage_ref: str, adulte_ref: str) -> Response:
    """End a receipt that was lost, or that its holder no longer wants."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    recus.revoquer(db(), clock(), actor, vise, adulte_ref)
    flash(_("Le reçu ne fonctionne plus."), "succes")
    return see_other(commun.adresse(vise.menage))


def _langue(vise: Vise, personne: commun.Personne) -> str:
    """Return the language in which the notice was last given to an adult."""
    for une in queries.du_menage(db(), vise.menage):
        if une.notice_langue and any(one.adulte_id == personne.id for one in une.accords):
            return une.notice_langue
    return "fr"
