"""Appeals: where each stands, which session examines it, what it comes to."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.commissions.seances import commencee
from portal.commissions.suites_seance import queries
from portal.commissions.suites_seance import queries_recours as lectures
from portal.commissions.suites_seance import recours as service
from portal.organisations.natures import fuseaux
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations.filtres import cursor
from portal.web.releves import commun
from portal.web.releves.blueprint import bp
from portal.web.releves.forms import FormDesigner, FormIssue
from portal.web.render import render_view, see_other


def adresse(recours: Any, suite: str = "") -> str:
    """Return the address of an appeal, or of one below it."""
    return f"/recours/{recours.ref}{suite}"


@bp.get("/recours")
@requires(Permission.DECISIONS_LIRE)
def liste_recours() -> Response:
    """The appeals that the reader follows."""
    page, lignes = lectures.lister_recours(db(), clock(), current_actor(), cursor())
    return commun.prive(
        render_view(
            "releves/liste_recours.html",
            "releves/_recours.html",
            fil=[(_("Prescriptions"), url_for("suites.prescriptions")), (_("Recours"), "")],
            lignes=lignes,
            page=page,
            fuseaux=fuseaux(),
            decision_dite=commun.decision_dite,
        )
    )


@bp.get("/recours/<recours_ref>")
@requires(Permission.DECISIONS_LIRE)
def recours(recours_ref: str) -> Response:
    """One appeal."""
    return _page(recours_ref)


def _page(recours_ref: str, form: Formulaire | None = None, status: int = 200) -> Response:
    actor = current_actor()
    try:
        lu = lectures.recours(db(), clock(), actor, recours_ref)
    except NotVisible:
        dus = lectures.textes_dus(db(), clock(), actor, recours_ref)
        if dus is None:
            raise
        return _textes(recours_ref, dus)
    decision = queries.decision_de(db(), lu.decision_id)
    if request.method == "GET":  # a form refused shows again what was just read
        commun.noter_lecture(decision)
    instruit = can(actor, Permission.RECOURS_INSTRUIRE, decision.seance.commission) and lu.issue is None
    vault, examen = coffre(db()), lu.seance
    designer, memes = _designer(decision, lu) if instruit else (None, [])
    commence = examen is not None and commencee(db(), clock(), examen)
    fuseau = commun.fuseau(decision.dossier)
    return commun.prive(
        render_view(
            "releves/recours.html",
            status=status,
            fil=[
                (_("Recours"), url_for("suites.liste_recours")),
                (_("Dossier %(code)s", code=decision.dossier.code), ""),
            ],
            r=lu,
            decision=decision,
            commission=decision.seance.commission,
            libelle_decision=commun.decision_dite(decision.code),
            fuseau=fuseau,
            examen=examen,
            revision=_revision(lu),
            motif=vault.ouvrir(lu.motif),
            elements=vault.ouvrir(lu.elements) if lu.elements else "",
            reponse=vault.ouvrir(lu.reponse) if lu.reponse else "",
            instruit=instruit,
            tranche=instruit and commence,
            form_designer=form if isinstance(form, FormDesigner) else designer,
            memes=[_dite(decision, one) for one in memes],
            sieges={
                one.commission_ref: one.commission
                for one in memes
                if can(actor, Permission.COMMISSIONS_CONFIGURER, one)
            },
            form_issue=form if isinstance(form, FormIssue) else _issue(decision, lu),
            ici=adresse(lu),
        )
    )


def _revision(lu: Any) -> dict[str, str] | None:
    """Return the address and the words of the decision that replaced the contested one."""
    found = lectures.revision(db(), lu)
    return {"ref": found.ref, "dite": commun.decision_dite(found.code)} if found is not None else None


def _textes(recours_ref: str, dus: Any) -> Response:
    """Lead who examines an appeal to the texts that they accept before they read it."""
    code = _("Dossier %(code)s", code=dus.dossier)
    return commun.prive(
        render_view(
            "dossiers/textes.html",
            fil=[(_("Recours"), url_for("suites.liste_recours")), (code, "")],
            commission=dus,
            code=code,
            ici=f"/recours/{recours_ref}",
        )
    )


def _designer(decision: Any, lu: Any) -> tuple[FormDesigner, list[Any]]:
    """Return the form, and the sessions that it does not offer, which gather the same formation."""
    possibles, memes = service.seances_possibles(db(), clock(), decision)
    offertes = [(one.ref, _dite(decision, one)) for one in possibles]
    return FormDesigner.de(lu.version, offertes), memes


def _dite(decision: Any, seance: Any) -> str:
    return f"{show_datetime(seance.debut, commun.fuseau(decision.dossier))} – {seance.commission}"


def _issue(decision: Any, lu: Any) -> FormIssue:
    return FormIssue.de(lu.version, service.decisions_possibles(decision))


@bp.post("/recours/<recours_ref>/designer")
@requires(Permission.RECOURS_INSTRUIRE)
def designer(recours_ref: str) -> Response:
    """Say which session examines an appeal."""
    actor = current_actor()
    lu = lectures.recours(db(), clock(), actor, recours_ref)
    decision = queries.decision_de(db(), lu.decision_id)
    form, _memes = _designer(decision, lu)

    def act() -> None:
        service.designer(db(), clock(), actor, lu, form.seance.data or "", version=form.version_number)

    return _enregistrer(lu, form, act, _("La séance qui examine le recours est désignée."))


@bp.post("/recours/<recours_ref>/trancher")
@requires(Permission.RECOURS_INSTRUIRE)
def trancher(recours_ref: str) -> Response:
    """Note what an appeal comes to."""
    actor = current_actor()
    lu = lectures.recours(db(), clock(), actor, recours_ref)
    form = _issue(queries.decision_de(db(), lu.decision_id), lu)

    def act() -> None:
        service.trancher(db(), clock(), actor, lu, form.saisie(), version=form.version_number)

    return _enregistrer(lu, form, act, _("L’issue est notée, le prescripteur est prévenu."))


def _enregistrer(lu: Any, form: Formulaire, act: Any, fait: str) -> Response:
    ref, here = lu.ref, adresse(lu)
    if not form.validate_on_submit():
        return _page(ref, form, 422)
    try:
        act()
    except StaleVersion as stale:
        version = stale.current.version if stale.current is not None else 0
        db().rollback()
        commun.depasse(form, version)
        return _page(ref, form, 409)
    except (DomainError, DomainErrors) as error:
        db().rollback()
        form.refuse(error)
        return _page(ref, form, 422)
    flash(fait, "succes")
    return see_other(here)
