"""« Dossiers »: those that the reader sees, by where they stand."""

from flask import Response, request

from portal.commissions.dossiers import queries_listes
from portal.commissions.dossiers.workflow import TONS
from portal.organisations.natures import fuseaux
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.web.context import clock, current_actor, db, note_access
from portal.web.dossiers.blueprint import bp
from portal.web.guards import requires
from portal.web.organisations.filtres import cursor, text
from portal.web.render import render_view


@bp.get("")
@requires(Permission.DOSSIERS_LIRE)
def liste() -> Response:
    """The dossiers, newest first. The journal keeps which were shown."""
    actor = current_actor()
    filtre, commission, code = text("voir", 20), text("commission", 16), text("code", 12)
    filtre = filtre if filtre in queries_listes.FILTRES else ""
    page, lignes = queries_listes.lister(
        db(), clock(), actor, filtre=filtre, commission_ref=commission, code=code, cursor=cursor()
    )
    if lignes:
        note_access("dossiers:dossier:lister", dossiers=[one.ref for one in lignes])
    return render_view(
        "dossiers/liste.html",
        "dossiers/_liste.html",
        lignes=lignes,
        page=page,
        filtre=filtre,
        commission=commission,
        code=code,
        tons=TONS,
        fuseaux=fuseaux(),
        jour=clock().today(actor.fuseau),
        depose=can(actor, Permission.DOSSIERS_DEPOSER),
        cherche=bool(request.args),
    )
