"""A decision told: what was decided, why, what may be done against it; the household's letter."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.commissions.dossiers import queries as dossiers
from portal.commissions.nomenclatures import defavorables
from portal.commissions.suites_seance import queries, travaux
from portal.commissions.suites_seance import recours as service
from portal.commissions.suites_seance.courrier import COURRIER
from portal.commissions.suites_seance.queries_recours import recours_de, revision
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, NotVisible
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.releves import commun
from portal.web.releves.blueprint import bp
from portal.web.releves.forms import FormRecours
from portal.web.render import render_view, see_other
from portal.web.travaux import genres

genres.declare(COURRIER, genres.Genre(N_("Courrier d’une décision")))


def adresse(decision: Any, suite: str = "") -> str:
    """Return the address of a decision, or of one below it."""
    return f"/decisions/{decision.ref}{suite}"


def fil_de(decision: Any, *suite: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the breadcrumb of a decision, by the code of its dossier."""
    dossier = _("Dossier %(code)s", code=decision.dossier.code)
    return [
        (_("Prescriptions"), url_for("suites.prescriptions")),
        (dossier, adresse(decision) if suite else ""),
        *suite,
    ]


@bp.get("/decisions/<decision_ref>")
@requires(Permission.DECISIONS_LIRE)
def decision(decision_ref: str) -> Response:
    """One decision, for those whom it concerns."""
    actor = current_actor()
    lue = queries.decision(db(), clock(), actor, decision_ref)
    commun.noter_lecture(lue)
    vault, forme = coffre(db()), recours_de(db(), lue.id)
    revisee = revision(db(), forme)
    vaut = _vaut(lue, revisee)
    return commun.prive(
        render_view(
            "releves/decision.html",
            fil=fil_de(lue),
            d=lue,
            commission=lue.seance.commission,
            fuseau=commun.fuseau(lue.dossier),
            libelle_decision=commun.decision_dite(lue.code),
            prescription_dite=commun.prescription_dite,
            textes=[
                (titre, vault.ouvrir(ferme))
                for titre, ferme in (
                    (_("Motif"), lue.motif),
                    (_("Conditions"), lue.conditions),
                    (_("Ce que le ménage a dit"), lue.expression),
                )
                if ferme
            ],
            defavorable=lue.code in defavorables(),
            dernier_jour=service.jusqu_au(lue),
            recours=forme,
            recourt=service.ouvert(clock(), actor, lue, forme),
            lit_recours=can(actor, Permission.DOSSIERS_RECOURIR, lue.dossier)
            or can(actor, Permission.MENAGES_LIRE),
            revision=revisee,
            revision_dite=commun.decision_dite(revisee.code) if revisee is not None else "",
            remet=vaut and can(actor, Permission.MENAGES_LIRE),
            vaut=vaut,
            voit_dossier=_voit(lue.dossier),
            form=Formulaire(),
        )
    )


def _vaut(lue: Any, revisee: Any) -> bool:
    """Tell whether a decision stands: the household is given no letter of one that does not."""
    return revisee is None and lue.statut in queries.PRISES


def _voit(dossier: Any) -> bool:
    """Tell whether the reader opens the dossier itself. One statement."""
    try:
        dossiers.lisible(db(), clock(), current_actor(), dossier.ref)
    except NotVisible:
        return False
    return True


@bp.post("/decisions/<decision_ref>/courrier")
@requires(Permission.MENAGES_LIRE)
def courrier(decision_ref: str) -> Response:
    """Have the household's letter made by the worker."""
    actor = current_actor()
    lue = queries.decision(db(), clock(), actor, decision_ref)
    if not _vaut(lue, revision(db(), recours_de(db(), lue.id))):  # the page says what stands now
        return see_other(url_for("suites.decision", decision_ref=decision_ref))
    travail = travaux.demander_courrier(db(), clock(), actor, lue)
    flash(_("Le courrier se prépare. Relisez-le avant de le remettre au ménage."), "succes")
    return see_other(url_for("travaux.detail", travail_ref=travail.ref))


@bp.route("/decisions/<decision_ref>/recours", methods=["GET", "POST"])
@requires(Permission.DOSSIERS_RECOURIR)
def recourir(decision_ref: str) -> Response:
    """Form an appeal."""
    actor = current_actor()
    lue = queries.decision(db(), clock(), actor, decision_ref)
    form = FormRecours()
    ferme = service.refus(clock(), lue, recours_de(db(), lue.id)) if request.method == "GET" else None
    if ferme is not None:
        flash(domain_message(ferme), "alerte")
        return see_other(adresse(lue))
    if form.validate_on_submit():
        try:
            made = service.former(db(), clock(), actor, lue, form.motif.data or "", form.elements.data or "")
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le recours est formé, le secrétariat de la commission est prévenu."), "succes")
            return see_other(f"/recours/{made.ref}")
    return commun.prive(
        render_view(
            "releves/acte.html",
            "releves/_recourir.html",
            status=status_of(form),
            fil=fil_de(lue, (_("Former un recours"), "")),
            titre=_("Former un recours"),
            corps="releves/_recourir.html",
            dernier_jour=service.jusqu_au(lue),
            form=form,
            action=adresse(lue, "/recours"),
            annuler=adresse(lue),
        )
    )
