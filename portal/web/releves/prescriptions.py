"""Prescriptions: those that my organisation bears, those of my dossiers, those that I follow."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.commissions.enums_dossiers import StatutPrescription
from portal.commissions.suites_seance import prescriptions as service
from portal.commissions.suites_seance import queries
from portal.commissions.suites_seance.queries import FILTRES
from portal.organisations.natures import fuseaux
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.organisations.filtres import cursor, text
from portal.web.organisations.routes import status_of
from portal.web.releves import commun
from portal.web.releves.blueprint import bp
from portal.web.releves.forms import FormPrescription
from portal.web.render import render_view, see_other


@bp.get("/prescriptions")
@requires(Permission.PRESCRIPTIONS_LIRE)
def prescriptions() -> Response:
    """The prescriptions that the reader sees, by dossier code; no household is named."""
    actor = current_actor()
    filtre = text("voir", 20)
    filtre = filtre if filtre in FILTRES else ""
    page, lignes = queries.prescriptions(db(), clock(), actor, filtre, cursor())
    return commun.prive(
        render_view(
            "releves/prescriptions.html",
            "releves/_prescriptions.html",
            lignes=lignes,
            page=page,
            filtre=filtre,
            fuseaux=fuseaux(),
            jour=clock().today(actor.fuseau),
            prescription_dite=commun.prescription_dite,
        )
    )


@bp.route("/prescriptions/<prescription_ref>", methods=["GET", "POST"])
@requires(Permission.PRESCRIPTIONS_LIRE)
def prescription(prescription_ref: str) -> Response:
    """One prescription, and what became of it."""
    actor = current_actor()
    lue = queries.prescription(db(), clock(), actor, prescription_ref)
    decision = queries.decision_de(db(), lue.decision_id)
    suit = can(actor, Permission.PRESCRIPTIONS_SUIVRE, queries.suivie(lue, decision))
    possibles = service.possibles(lue, decision, actor) if suit else ()
    form, overtaken = FormPrescription.de(lue.version, possibles), False
    if form.validate_on_submit():
        try:
            service.noter(
                db(),
                clock(),
                actor,
                lue,
                StatutPrescription(form.statut.data),
                version=form.version_number,
            )
        except StaleVersion:
            db().rollback()
            lue = queries.prescription(db(), clock(), actor, prescription_ref)
            decision = queries.decision_de(db(), lue.decision_id)
            commun.depasse(form, lue.version)
            overtaken = True
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("C’est noté."), "succes")
            return see_other(url_for("suites.prescriptions"))
    return commun.prive(
        render_view(
            "releves/prescription.html",
            status=409 if overtaken else status_of(form),
            fil=[
                (_("Prescriptions"), url_for("suites.prescriptions")),
                (_("Dossier %(code)s", code=decision.dossier.code), ""),
            ],
            p=lue,
            decision=decision,
            commission=decision.seance.commission,
            libelle=commun.prescription_dite(lue.code),
            precision=coffre(db()).ouvrir(lue.precision) if lue.precision else "",
            fuseau=commun.fuseau(decision.dossier),
            jour=clock().today(commun.fuseau(decision.dossier)),
            suit=bool(possibles),
            form=form,
            action=url_for("suites.prescription", prescription_ref=lue.ref),
        )
    )
