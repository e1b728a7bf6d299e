"""Asking to read a colleague's household, answering, closing; what is open to me and until when."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from portal.grilles.menages import acces, recherche
from portal.grilles.menages.enums import LIBELLES_ETAT_ACCES, EtatAcces
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, StaleVersion
from portal.web.context import clock, current_actor, db, note_access
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import local_target, requires
from portal.web.menages.blueprint import bp
from portal.web.menages.forms import FormDemande
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

TONS = {
    EtatAcces.DEMANDE: "attente",
    EtatAcces.OUVERT: "succes",
    EtatAcces.REFUSE: "neutre",
    EtatAcces.SANS_REPONSE: "neutre",
    EtatAcces.FINI: "neutre",
    EtatAcces.FERME: "neutre",
}


@bp.get("/acces")
@requires(Permission.MENAGES_LIRE)
def demandes() -> Response:
    """Requests to answer; what one asked, what is open, until when."""
    actor = current_actor()
    a_repondre = acces.a_repondre(db(), clock(), actor)
    miennes = acces.siennes(db(), clock(), actor)
    lus = sorted({one.menage_ref for one in (*a_repondre, *miennes) if one.menage_ref})
    if lus:
        note_access("menages:acces:lire", menages=lus)
    return render_view(
        "menages/acces.html",
        fil=[(_("Ménages"), url_for("menages.liste")), (_("Demandes d’accès"), "")],
        a_repondre=a_repondre,
        miennes=miennes,
        demande=can(actor, Permission.MENAGES_DEMANDER),
        libelles=LIBELLES_ETAT_ACCES,
        tons=TONS,
        fuseau=actor.fuseau,
    )


@bp.route("/demander/<jeton>", methods=["GET", "POST"])
@requires(Permission.MENAGES_DEMANDER)
def demander(jeton: str) -> Response:
    """Ask to read a household that a search or an opening told of, by the key it gave."""
    actor = current_actor()
    menage = recherche.designe(db(), clock(), actor, jeton)
    form = FormDemande(data={"jours": acces.duree_proposee(db(), menage.departement_code)})
    if form.validate_on_submit():
        try:
            acces.demander(
                db(),
                clock(),
                actor,
                menage,
                form.motif.data or "",
                form.jours.data or 0,
                key=form.cle_idempotence.data or "",
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Votre demande est envoyée. Sans réponse dans le délai, elle est refusée."), "succes")
            return see_other(url_for("menages.demandes"))
    return render_view(
        "menages/demander.html",
        "menages/_demander.html",
        status=status_of(form),
        fil=[(_("Ménages"), url_for("menages.liste")), (_("Demander l’accès"), "")],
        organisation=menage.organisation.nom,
        form=form,
        action=url_for("menages.demander", jeton=jeton),
        annuler=url_for("menages.liste"),
    )


@bp.post("/acces/<acces_ref>/repondre")
@requires(Permission.MENAGES_LIRE)
def repondre(acces_ref: str) -> Response:
    """Accept or refuse a request."""
    form = Formulaire()
    reponse = request.form.get("reponse")
    if reponse not in ("accepter", "refuser"):
        abort(404)  # nothing of it says whether the request exists
    accepte = reponse == "accepter"
    try:
        acces.repondre(
            db(), clock(), current_actor(), acces_ref, accepte=accepte, version=form.version_number
        )
    except (StaleVersion, DomainError) as error:
        _refuser(error)
    else:
        flash(_("L’accès est ouvert.") if accepte else _("L’accès est refusé."), "succes")
    return _retour()


@bp.post("/acces/<acces_ref>/fermer")
@requires(Permission.MENAGES_LIRE)
def fermer_acces(acces_ref: str) -> Response:
    """Take back a request, or close an open access."""
    form = Formulaire()
    try:
        acces.fermer(db(), clock(), current_actor(), acces_ref, version=form.version_number)
    except (StaleVersion, DomainError) as error:
        _refuser(error)
    else:
        flash(_("C’est fermé."), "succes")
    return _retour()


def _refuser(error: StaleVersion | DomainError) -> None:
    db().rollback()
    if isinstance(error, DomainError):
        flash(domain_message(error), "alerte")
    else:
        flash(_("Cette demande a changé entre-temps : relisez-la, puis recommencez."), "alerte")


def _retour() -> Response:
    """Go back to where the act was made: a household's page, else the requests."""
    suite = local_target(request.form.get("suite"))
    return see_other(suite if suite.startswith("/menages/") else url_for("menages.demandes"))
