"""Reading rounds: the list, the table or one's own column, one clause, one operator; what live pages ask."""

from typing import Any

from flask import Response, request

from portal.conventions.tours import queries
from portal.conventions.tours.lu import Marque
from portal.security.permissions import OPERATEUR, Permission
from portal.security.policy import can
from portal.web.context import current_actor, db
from portal.web.guards import requires
from portal.web.render import render_view
from portal.web.tours import commun, rendu
from portal.web.tours.blueprint import bp
from portal.web.tours.forms import FormTour


@bp.get("")
@requires(Permission.TOURS_LIRE)
def liste() -> Response:
    """The rounds that I see, open ones first."""
    actor = current_actor()
    rows = queries.lister(db(), actor)
    return render_view(
        "tours/liste.html",
        tours=[
            (row, rendu.titre(row), rendu.nature(row.nature_code), rendu.TONS[row.statut]) for row in rows
        ],
        plusieurs_siao=len({row.siao for row in rows}) > 1,
        pilote=can(actor, Permission.TOURS_PILOTER),
        operateur=actor.profil in OPERATEUR,
    )


@bp.get("/<tour_ref>")
@requires(Permission.TOURS_LIRE)
def tour(tour_ref: str) -> Response:
    """A round: State and SIAO read the table, an operator the base and its own column."""
    return commun.page_tour(*commun.lire(tour_ref))


@bp.get("/<tour_ref>/clauses/<code>")
@requires(Permission.TOURS_LIRE)
def clause(tour_ref: str, code: str) -> Response:
    """One clause: its base, and the answers that the reader may see."""
    actor, lu = commun.lire(tour_ref)
    return commun.page_clause(actor, lu, code)


@bp.get("/<tour_ref>/operateurs/<participant_ref>")
@requires(Permission.TOURS_PILOTER)
def operateur(tour_ref: str, participant_ref: str) -> Response:
    """The column of one operator."""
    _actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    return commun.page_operateur(lu, lu.participant(participant_ref))


@bp.get("/<tour_ref>/etat")
@requires(Permission.TOURS_LIRE)
def veille(tour_ref: str) -> Response:
    """What is new since a mark of the round: nothing (204), or the parts of the page to replace."""
    actor, connue = current_actor(), request.args.get("n", "")
    if connue == str(queries.marque(db(), actor, tour_ref)):
        return Response(status=204)
    actor, lu = commun.lire(tour_ref)
    code, participant_ref = request.args.get("clause", ""), request.args.get("operateur", "")
    edition = request.args.get("vu", "")
    contexte: dict[str, Any] = {"annonce": rendu.nouvelles(lu, Marque.lire(connue), commun.pilote(actor, lu))}
    if code:
        clause = lu.clause(code)
        contexte |= commun.de_la_clause(actor, lu, clause) | {"partie": "clause"}
        if edition:
            ici = rendu.vu(clause, lu.cellule(clause, lu.participants[0]))
            if commun.pilote(actor, lu):
                edition, ici = edition.partition(".")[0], str(clause.version)
            change = edition != ici
            contexte |= {"partie": "edition", "pilote": False, "change": change}
            if not change:
                contexte["annonce"] = ""
    elif participant_ref and commun.pilote(actor, lu):
        contexte |= commun.de_l_operateur(lu, lu.participant(participant_ref)) | {"partie": "operateur"}
    else:
        contexte |= commun.du_tour(actor, lu) | {"partie": "tour"}
    return render_view("tours/_direct.html", form=FormTour(formdata=None), **contexte)
