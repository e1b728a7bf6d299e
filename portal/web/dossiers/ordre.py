"""The agenda of a session: read by those who sit, ordered by its secretariat, by drag or by the keyboard.

One form holds the whole order. A button moves one line; a drag sends the order as it is on the screen. Both
carry the order that was there before: another secretary's is never lost.
"""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.commissions import queries as commissions
from portal.commissions import queries_seances
from portal.commissions.dossiers import avis, ordre
from portal.commissions.dossiers.queries_agenda import Agenda, agenda, etat
from portal.commissions.dossiers.workflow import TONS
from portal.commissions.enums import StatutSeance
from portal.conventions.jours import fuseau_de
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from portal.web.commissions.seances import quand
from portal.web.context import clock, current_actor, db, is_poll, note_access
from portal.web.dossiers import commun
from portal.web.dossiers.blueprint import bp
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.render import render_view, see_other

INSTRUIRE = Permission.DOSSIERS_INSTRUIRE


def lire_seance(seance_ref: str, permission: Permission | None = None) -> tuple[Actor, Any]:
    """Return who reads and a session that they see; raises NotVisible before Forbidden, which is for those
    who come to it: its agenda is nothing to the others."""
    actor = current_actor()
    seance = queries_seances.seance(db(), actor, seance_ref)
    if permission is not None and not can(actor, permission, commissions.vise(seance.commission)):
        if queries_seances.sienne(actor, seance) is None:
            raise NotVisible(seance_ref)
        raise Forbidden(permission.value)
    return actor, seance


def adresse(seance: Any, suite: str = "") -> str:
    """Return the address of a session's agenda, or of a page below it."""
    return f"/dossiers/seances/{seance.ref}{suite}"


@bp.get("/seances/<seance_ref>")
@requires(Permission.DOSSIERS_LIRE)
def seance(seance_ref: str) -> Response:
    """The agenda. Those who neither sit, nor keep the secretariat, nor are the SIAO have none. Left open, its
    page asks whether it changed."""
    if is_poll():
        present = etat(db(), clock(), current_actor(), seance_ref)
        if present is not None and request.args.get("etat") == str(present):
            return Response(status=204)
    actor, seance = lire_seance(seance_ref)
    instruit = can(actor, INSTRUIRE, commissions.vise(seance.commission))
    lu = agenda(db(), clock(), actor, seance)
    siao = actor.profil in SIAO and seance.departement_code in actor.departements
    if not (lu.lignes or instruit or siao or queries_seances.sienne(actor, seance)):
        raise NotVisible(seance_ref)
    if lu.lignes:
        note_access("dossiers:seance:lister", seance=seance.ref, dossiers=[one.ref for one in lu.lignes])
    return _page(actor, seance, lu)


def _page(actor: Actor, seance: Any, lu: Agenda, *, status: int = 200, message: str = "") -> Response:
    vise = commissions.vise(seance.commission)
    instruit = can(actor, INSTRUIRE, vise)
    avant = not lu.commencee and seance.statut is not StatutSeance.ANNULEE
    membre = any(one.sien is not None or not one.deport for one in lu.lignes)
    return render_view(
        "dossiers/seance.html",
        "dossiers/_ordre.html",
        status=status,
        fil=commun.fil_de_seance(seance),
        ici=adresse(seance),
        titre=quand(seance),
        seance=seance,
        commission=seance.commission,
        agenda=lu,
        tons=TONS,
        fuseau=fuseau_de(seance.departement_code),
        instruit=instruit,
        ordonne=instruit and avant,
        fige=instruit and avant and lu.fige_le is None and seance.statut is StatutSeance.CONVOQUEE,
        relance=instruit and avant and lu.fige_le is not None,
        membre=membre and actor.organisation_id in vise.siegent,
        recours=lu.recours if can(actor, Permission.DECISIONS_LIRE) else [],
        capacite=seance.commission.capacite,
        message=message,
        form=Formulaire(formdata=None),
    )


@bp.post("/seances/<seance_ref>/ordre")
@requires(INSTRUIRE)
def ordonner(seance_ref: str) -> Response:
    """Give the agenda its order: that of the screen, after the one move that a button asks for."""
    actor, seance = lire_seance(seance_ref, INSTRUIRE)
    refs = request.form.getlist("dossier")[:500]
    for geste, pas in (("monter", -1), ("descendre", 1)):
        if request.form.get(geste):
            refs = ordre.deplacer(refs, request.form[geste], pas)
    status, message = 200, ""
    try:
        ordre.ordonner(db(), clock(), actor, seance, refs, ordre=request.form.get("avant", ""))
    except StaleVersion:
        status = 409
        message = _(
            "L’ordre du jour a changé pendant que vous le rangiez. Le voici ; recommencez votre geste."
        )
    except DomainError:
        status = 422
        message = _("La séance a commencé : son ordre du jour ne change plus.")
    if status != 200:
        db().rollback()
        db().expire_all()
        actor, seance = lire_seance(seance_ref, INSTRUIRE)
    elif "HX-Request" not in request.headers:
        return see_other(adresse(seance))
    return _page(actor, seance, agenda(db(), clock(), actor, seance), status=status, message=message)


@bp.post("/seances/<seance_ref>/figer")
@requires(INSTRUIRE)
def figer(seance_ref: str) -> Response:
    """Open the papers to those who sit, before the day when the portal does it by itself."""
    actor, seance = lire_seance(seance_ref, INSTRUIRE)
    try:
        told = ordre.figer(db(), clock(), actor, seance)
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(
            ngettext(
                "Les papiers sont ouverts : %(num)s personne est prévenue.",
                "Les papiers sont ouverts : %(num)s personnes sont prévenues.",
                told,
            ),
            "succes",
        )
    return see_other(adresse(seance))


@bp.post("/seances/<seance_ref>/relancer")
@requires(INSTRUIRE)
def relancer(seance_ref: str) -> Response:
    """Remind the organisations whose opinion is missing."""
    actor, seance = lire_seance(seance_ref, INSTRUIRE)
    try:
        told = avis.relancer(db(), clock(), actor, seance)
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(ngettext("%(num)s rappel est parti.", "%(num)s rappels sont partis.", told), "succes")
    return see_other(adresse(seance))
