"""The list of the households one accompanies, or sees; looking for one."""

from flask import Response
from flask_babel import gettext as _

from portal.grilles.menages import queries, recherche
from portal.grilles.menages.enums import LIBELLES_LIEN
from portal.security.permissions import SIAO, Permission
from portal.security.policy import can
from portal.shared.errors import DomainError
from portal.web.context import clock, current_actor, db, note_access
from portal.web.guards import requires
from portal.web.menages.blueprint import bp
from portal.web.menages.forms import FormRecherche
from portal.web.organisations.filtres import cursor, flag, text
from portal.web.organisations.routes import status_of
from portal.web.render import render_view


@bp.get("")
@requires(Permission.MENAGES_LIRE)
def liste() -> Response:
    """The households of the reader, the latest contact first."""
    actor = current_actor()
    clos, organisation = flag("clos"), text("organisation", 16)
    page, lignes = queries.lister(
        db(), clock(), actor, clos=clos, organisation_ref=organisation, cursor=cursor()
    )
    if lignes:
        note_access("menages:liste:lire", menages=[ligne.ref for ligne in lignes])
    siao = actor.profil in SIAO
    return render_view(
        "menages/liste.html",
        "menages/_liste.html",
        page=page,
        lignes=lignes,
        clos=clos,
        siao=siao,
        organisation=organisation,
        organisations=queries.organisations(db(), clock(), actor) if siao else [],
        ouverts=queries.ouverts(db(), clock(), actor),
        ouvre=can(actor, Permission.MENAGES_OUVRIR),
        liens=LIBELLES_LIEN,
    )


@bp.route("/chercher", methods=["GET", "POST"])
@requires(Permission.MENAGES_LIRE)
def chercher() -> Response:
    """Look for a household by exact name, number or reference: what is typed stays out of the address."""
    actor = current_actor()
    form = FormRecherche()
    trouves = None
    if form.validate_on_submit():
        try:
            trouves = recherche.chercher(db(), clock(), actor, form.criteres())
        except DomainError as error:
            form.refuse(error)
    return render_view(
        "menages/chercher.html",
        "menages/_trouves.html",
        status=status_of(form),
        fil=[(_("Ménages"), "/menages"), (_("Chercher"), "")],
        form=form,
        trouves=trouves,
        siao=actor.profil in SIAO,
        demande=can(actor, Permission.MENAGES_DEMANDER),
        liens=LIBELLES_LIEN,
    )
