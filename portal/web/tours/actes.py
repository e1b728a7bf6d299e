"""Acts on clauses: writing and adopting the base, departing from it, answering departures."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.redaction.enums import Position
from portal.conventions.tours import reponses, socle
from portal.conventions.tours.enums import Reponse
from portal.conventions.tours.lu import VIDE, ClauseDuTour, TourLu
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.conflits import conflict, rows_of
from portal.web.context import clock, db
from portal.web.filters import show_datetime
from portal.web.forms import read_version
from portal.web.guards import requires
from portal.web.render import render_view, see_other
from portal.web.tours import commun, rendu
from portal.web.tours.blueprint import bp
from portal.web.tours.forms import FormTour, form_clause, valeurs_de


def _origine(actor: Actor, lu: TourLu, **plus: Any) -> Response:
    """Return the page that a form was sent from, with what was refused."""
    code, participant_ref = request.args.get("clause", ""), request.args.get("operateur", "")
    if code:
        return commun.page_clause(actor, lu, code, **plus)
    if participant_ref and commun.pilote(actor, lu):
        return commun.page_operateur(lu, lu.participant(participant_ref), **plus)
    return commun.page_tour(actor, lu, **plus)


def _retour(tour_ref: str) -> Response:
    code, participant_ref = request.args.get("clause", ""), request.args.get("operateur", "")
    if code:
        return see_other(url_for("tours.clause", tour_ref=tour_ref, code=code))
    if participant_ref:
        return see_other(url_for("tours.operateur", tour_ref=tour_ref, participant_ref=participant_ref))
    choix = commun.vue()
    return see_other(url_for("tours.tour", tour_ref=tour_ref, vue=choix if choix != "toutes" else None))


def _refuser(tour_ref: str, form: FormTour, error: DomainError | DomainErrors) -> Response:
    actor, lu = commun.relire(tour_ref)
    form.refuse(error)
    return _origine(actor, lu, form=form, status=422, coches=commun.coches())


def _perimer(tour_ref: str, form: FormTour, perimees: Sequence[Any]) -> Response:
    """Show what changed since the page was read, and how it now stands; nothing was done.

    The reason that was typed and the boxes that still hold are kept. `perimees`: codes of clauses, or
    (participant, code) of answers.
    """
    actor, lu = commun.relire(tour_ref)
    lues = [
        rendu.perimee_socle(lu, cle) if isinstance(cle, str) else rendu.perimee_cellule(lu, *cle)
        for cle in perimees
    ]
    return _origine(actor, lu, form=form, status=409, perimees=lues, coches=commun.coches())


@bp.post("/<tour_ref>/adopter")
@requires(Permission.TOURS_REPONDRE)
def adopter(tour_ref: str) -> Response:
    """The operator adopts the base of the clauses that it ticked, or of the one that it reads."""
    actor, _lu = commun.lire(tour_ref, Permission.TOURS_REPONDRE)
    form = FormTour()
    if not form.validate_on_submit():
        return _origine(actor, _lu, form=form, status=422, coches=commun.coches())
    choix = reponses.codes_vus(request.form.getlist("clause"))
    seule = "clause" in request.args
    try:
        nombre = reponses.adopter(db(), clock(), actor, tour_ref, choix, une_par_une=seule)
    except StaleVersion as stale:
        return _perimer(tour_ref, form, stale.current)
    except (DomainError, DomainErrors) as error:
        return _refuser(tour_ref, form, error)
    flash(ngettext("Socle adopté sur %(num)s clause.", "Socle adopté sur %(num)s clauses.", nombre), "succes")
    if seule:
        return see_other(_suivante(tour_ref, request.args["clause"]))
    return _retour(tour_ref)


def _suivante(tour_ref: str, code: str) -> str:
    """Return the address of the next clause that waits for the operator, else of the round."""
    _actor, lu = commun.lire(tour_ref)
    codes = [clause.code for clause in lu.clauses]
    rang = codes.index(code) if code in codes else -1
    for autre in codes[rang + 1 :] + codes[: max(rang, 0)]:
        if lu.cellule(lu.clause(autre), lu.participants[0]).reponse in (
            Reponse.A_EXAMINER,
            Reponse.A_REVOIR,
        ):
            return url_for("tours.clause", tour_ref=tour_ref, code=autre)
    return url_for("tours.tour", tour_ref=tour_ref)


@bp.post("/<tour_ref>/clauses/<code>/revenir")
@requires(Permission.TOURS_REPONDRE)
def revenir(tour_ref: str, code: str) -> Response:
    """The operator takes its answer back."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_REPONDRE)
    lu.clause(code)
    form = FormTour()
    if not form.validate_on_submit():
        return commun.page_clause(actor, lu, code, form=form, status=422)
    try:
        reponses.revenir(db(), clock(), actor, tour_ref, code, reponses.vu(request.form.get("vu", "")))
    except StaleVersion:
        actor, lu = commun.relire(tour_ref)
        perimees = (rendu.perimee_socle(lu, code),)
        return commun.page_clause(actor, lu, code, form=form, status=409, perimees=perimees)
    except DomainError as error:
        actor, lu = commun.relire(tour_ref)
        form.refuse(error)
        return commun.page_clause(actor, lu, code, form=form, status=422)
    flash(_("Votre réponse est retirée."), "succes")
    return see_other(url_for("tours.clause", tour_ref=tour_ref, code=code))


@bp.route("/<tour_ref>/clauses/<code>/ecart", methods=["GET", "POST"])
@requires(Permission.TOURS_REPONDRE)
def ecart(tour_ref: str, code: str) -> Response:
    """The operator proposes something else than the base, and says why."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_REPONDRE)
    clause = lu.clause(code)
    cellule = lu.cellule(clause, lu.participants[0])
    form, rival = form_clause(clause, cellule, ecart=True), None
    retour = url_for("tours.clause", tour_ref=tour_ref, code=code)
    if form.validate_on_submit():
        try:
            reponses.s_ecarter(
                db(),
                clock(),
                actor,
                tour_ref,
                code,
                reponses.vu(str(form.vu.data or "")),
                texte=form.texte.data if "texte" in form else None,
                valeurs=valeurs_de(form, clause),
                motif=form.motif.data or "",
            )
        except StaleVersion:
            actor, lu = commun.relire(tour_ref)
            clause = lu.clause(code)
            rival = _rivale(lu, clause, form, retour)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Votre écart est proposé à l’État et au SIAO."), "succes")
            return see_other(_suivante(tour_ref, code))
    return render_view(
        "tours/ecrire.html",
        status=409 if rival else (422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (clause.titre, retour), (_("Écart"), "")),
        form=form,
        rival=rival,
        sujet=_("Proposer un écart"),
        chapeau=_(
            "Partez du socle et changez ce qui ne vous convient pas. Ce que vous laissez tel quel reste "
            "celui du socle que vous lisez ici."
        ),
        bouton=_("Proposer cet écart"),
        action=url_for("tours.ecart", tour_ref=tour_ref, code=code),
        annuler=retour,
        **commun.de_la_clause(actor, lu, clause),
    )


def _rivale(lu: TourLu, clause: ClauseDuTour, form: Any, recharger: str) -> dict[str, Any]:
    """Return both versions of a departure: what was saved meanwhile (answer or base), and what is typed."""
    cellule = lu.cellule(clause, lu.participants[0])
    avant, nouveau = str(form.vu.data or ""), rendu.vu(clause, cellule)
    sienne = avant.partition(".")[2] != nouveau.partition(".")[2]
    stocke = form_clause(clause, cellule if sienne else VIDE, ecart=True, formdata=None)
    form.vu.data = nouveau
    le = cellule.le if sienne and cellule.le else clause.updated_at
    return {
        "lignes": rows_of(stocke, form),
        "auteur": cellule.par if sienne else _("L’État ou le SIAO, en changeant le socle,"),
        "quand": _("le %(quand)s", quand=show_datetime(le, lu.fuseau)),
        "recharger": recharger,
    }


@bp.route("/<tour_ref>/clauses/<code>/socle", methods=["GET", "POST"])
@requires(Permission.TOURS_PILOTER)
def modifier_socle(tour_ref: str, code: str) -> Response:
    """State or SIAO proposes another base; both versions are shown when someone wrote first."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    clause = lu.clause(code)
    form, rival = form_clause(clause, ecart=False), None
    retour = url_for("tours.clause", tour_ref=tour_ref, code=code)
    if form.validate_on_submit():
        try:
            socle.modifier(
                db(),
                clock(),
                actor,
                tour_ref,
                code,
                form.version_number,
                texte=form.texte.data if "texte" in form else None,
                valeurs=valeurs_de(form, clause),
                motif=form.motif.data or "",
            )
        except StaleVersion as stale:
            actor, lu = commun.relire(tour_ref)
            clause = lu.clause(code)
            rival = conflict(stale.current, form_clause(clause, ecart=False, formdata=None), form, retour)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le socle est modifié. Les participants sont prévenus."), "succes")
            return see_other(retour)
    return render_view(
        "tours/ecrire.html",
        status=409 if rival else (422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (clause.titre, retour), (_("Socle"), "")),
        form=form,
        rival=rival,
        sujet=_("Modifier le socle"),
        chapeau=_(
            "Votre partie propose ce socle, l’autre l’examine. Les opérateurs qui avaient adopté le "
            "précédent devront le relire ; les écarts proposés ne bougent pas."
        ),
        bouton=_("Proposer ce socle"),
        action=url_for("tours.modifier_socle", tour_ref=tour_ref, code=code),
        annuler=retour,
        **commun.de_la_clause(actor, lu, clause),
    )


@bp.post("/<tour_ref>/socle/adopter")
@requires(Permission.TOURS_PILOTER)
def adopter_socle(tour_ref: str) -> Response:
    """State or SIAO adopts the base of the clauses ticked."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    form = FormTour()
    if not form.validate_on_submit():
        return _origine(actor, lu, form=form, status=422, coches=commun.coches())
    choix = {
        code: read_version(version)
        for code, _sep, version in (v.rpartition(":") for v in request.form.getlist("clause"))
        if code
    }
    try:
        nombre = socle.adopter(db(), clock(), actor, tour_ref, choix)
    except StaleVersion as stale:
        return _perimer(tour_ref, form, stale.current)
    except (DomainError, DomainErrors) as error:
        return _refuser(tour_ref, form, error)
    flash(ngettext("Socle adopté sur %(num)s clause.", "Socle adopté sur %(num)s clauses.", nombre), "succes")
    return _retour(tour_ref)


@bp.post("/<tour_ref>/statuer")
@requires(Permission.TOURS_PILOTER)
def statuer(tour_ref: str) -> Response:
    """State or SIAO takes the same position on every departure ticked."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    form = FormTour()
    if not form.validate_on_submit():
        return _origine(actor, lu, form=form, status=422, coches=commun.coches())
    position = next((p for p in Position if p.value == request.form.get("position")), Position.PROPOSEE)
    try:
        nombre = reponses.statuer(
            db(),
            clock(),
            actor,
            tour_ref,
            _cellules(request.form.getlist("cellule")),
            position=position,
            motif=form.motif.data or "",
        )
    except StaleVersion as stale:
        return _perimer(tour_ref, form, stale.current)
    except (DomainError, DomainErrors) as error:
        return _refuser(tour_ref, form, error)
    flash(
        ngettext(
            "Votre position est enregistrée sur %(num)s écart.",
            "Votre position est enregistrée sur %(num)s écarts.",
            nombre,
        ),
        "succes",
    )
    return _retour(tour_ref)


def _cellules(valeurs: list[str]) -> dict[tuple[str, str], int]:
    """Read the boxes of cells: « participant:clause:version »."""
    lues = (valeur.split(":") for valeur in valeurs)
    return {(trois[0], trois[1]): read_version(trois[2]) for trois in lues if len(trois) == 3}
