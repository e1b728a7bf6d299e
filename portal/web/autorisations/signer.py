"""The page that the household reads and signs, on the professional's device: large, plain, without the
portal around it. Accepting and refusing are side by side, and as easy."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from portal.grilles.autorisations import notices, queries, service
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import DecisionAdulte, StatutAutorisation
from portal.grilles.menages.policies import Vise
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, StaleVersion
from portal.web.autorisations import commun
from portal.web.autorisations.blueprint import bp
from portal.web.autorisations.forms import FormReponse
from portal.web.autorisations.pages import CADRE, RECUEILLIR, relire
from portal.web.autorisations.rendu import entete, parties
from portal.web.context import clock, db
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.menages.commun import lire, noter_lecture
from portal.web.organisations.routes import status_of
from portal.web.render import see_other

DECISIONS = {one.value: one for one in DecisionAdulte}


@bp.route("/<autorisation_ref>/adultes/<adulte_ref>/signer", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def signer(menage_ref: str, autorisation_ref: str, adulte_ref: str) -> Response:
    """Show an adult exactly what would leave and to whom, and take their answer."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    personne = commun.personne(vise, adulte_ref)
    ici = commun.adresse(vise.menage, f"/{autorisation.ref}")
    if request.method == "GET":
        deja = next((one for one in autorisation.accords if one.adulte_id == personne.id), None)
        if autorisation.statut is not StatutAutorisation.INFORME or (deja and deja.decision):
            return see_other(ici)
        noter_lecture(vise.menage, commun.QUOI, autorisation.ref)
    langue = autorisation.notice_langue
    with commun.en_langue(langue):
        form, status = FormReponse(), 200
        if form.validate_on_submit():
            try:
                service.repondre(
                    db(), clock(), actor, vise, autorisation.ref, adulte_ref, form.saisie(_decision())
                )
            except StaleVersion:
                autorisation, status = relire(vise, autorisation_ref), 409
                form.form_errors = [domain_message(DomainError("autorisations.depassee"))]
            except DomainError as error:
                autorisation = relire(vise, autorisation_ref)
                form.refuse(error)
            else:
                return see_other(f"{ici}/adultes/{adulte_ref}/merci")
        return _page(vise, autorisation, personne, form, status if status != 200 else status_of(form))


def _decision() -> DecisionAdulte:
    """Return which of the two buttons was pressed. Raises DomainError for neither."""
    decision = DECISIONS.get(request.form.get("decision", ""))
    if decision is None:
        raise DomainError("autorisations.decision")
    return decision


def _page(
    vise: Vise, autorisation: Any, personne: commun.Personne, form: FormReponse, status: int
) -> Response:
    vu = apercu(db(), autorisation, autorisation.grille)
    form.empreinte.data = vu.empreinte
    if status == 409:
        form.trace.data, form.confirme.data = "", False
    notice = notices.notice(autorisation.notice or notices.actuelle(), autorisation.notice_langue or "fr")
    ici = commun.adresse(vise.menage, f"/{autorisation.ref}")
    return commun.page_du_menage(
        "autorisations/signer.html",
        status=status,
        une=autorisation,
        personne=personne,
        finalite=commun.finalite(autorisation),
        entete=entete(vu.sortie.entete),
        parties=parties(vu.sortie),
        notice=notice,
        phrases=notice.phrases(autorisation.objet),
        protege=vise.menage.protege,
        cadre=CADRE,
        form=form,
        action=f"{ici}/adultes/{personne.ref}/signer",
        revenir=ici,
    )


@bp.get("/<autorisation_ref>/adultes/<adulte_ref>/merci")
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def merci(menage_ref: str, autorisation_ref: str, adulte_ref: str) -> Response:
    """Thank the person, whatever they answered, in the same words; the device goes back."""
    _actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    personne = commun.personne(vise, adulte_ref)
    with commun.en_langue(autorisation.notice_langue):
        return commun.page_du_menage(
            "autorisations/merci.html",
            une=autorisation,
            personne=personne,
            protege=vise.menage.protege,
            recu=commun.adresse(vise.menage, f"/recus/{personne.ref}"),
            revenir=commun.adresse(vise.menage, f"/{autorisation.ref}"),
            titre=_("Merci, votre réponse est enregistrée"),
        )
