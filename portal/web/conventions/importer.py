"""Importing the follow-up that a département already has: file, columns, preview, import, undo."""

from typing import Any

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _

from portal.conventions import fiche as fiches
from portal.conventions.creation import TYPES_OPERATEUR
from portal.conventions.import_suivi import travaux
from portal.conventions.import_suivi.colonnes import LIBELLES_CHAMP
from portal.conventions.import_suivi.parties import siaos_de
from portal.documents.storage import Storage
from portal.jobs.service import get_job
from portal.jobs.tableaux import LIGNES_MAXIMUM
from portal.organisations import queries as organisations
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, NotVisible
from portal.shared.messages import N_
from portal.web import tableaux
from portal.web.context import clock, current_actor, db, settings
from portal.web.conventions import import_formulaires as formulaires
from portal.web.conventions import import_lignes
from portal.web.conventions import import_questions as questions
from portal.web.conventions.blueprint import bp
from portal.web.conventions.forms import FormActe
from portal.web.forms import domain_message
from portal.web.guards import accepts_upload, requires
from portal.web.render import render_view, see_other
from portal.web.travaux import genres
from portal.web.travaux.routes import nothing_new

PAGE = "conventions.import_suivre"
AUTRES = 150  # organisations of the département offered for an unknown operator

Fil = list[tuple[str, str]]

genres.declare(travaux.DEPOT, genres.Genre(N_("Dépôt d’un suivi"), PAGE))
genres.declare(travaux.ANALYSER, genres.Genre(N_("Aperçu de l’import d’un suivi"), PAGE))
genres.declare(travaux.IMPORTER, genres.Genre(N_("Import d’un suivi"), PAGE))


@bp.route("/importer", methods=["GET", "POST"])
@accepts_upload(tableaux.ENVOI_MAXIMUM)
@requires(Permission.CONVENTIONS_IMPORTER)
def importer() -> Response:
    """Give the file; only its titles are read, and nothing is written."""
    actor, form = current_actor(), formulaires.FormFichier()
    if form.validate_on_submit():
        donne = form.fichier.data
        try:
            depot = travaux.deposer(
                db(), clock(), actor, Storage(settings()), donne.stream, donne.filename or ""
            )
        except DomainError as error:
            form.refuse(DomainError(error.code, "fichier", **error.params))
        else:
            return see_other(url_for(".import_colonnes", travail_ref=depot.ref))
    return render_view(
        "conventions/importer.html",
        status=422 if form.errors else 200,
        fil=_fil(),
        form=form,
        limite=settings().max_upload_bytes // (1024 * 1024),
        lignes_maximum=LIGNES_MAXIMUM,
        siaos=siaos_de(db(), actor),
        champs=[_(libelle) for libelle in LIBELLES_CHAMP.values()],
        precedents=[(t, genres.label(t.genre)) for t in travaux.ETAPES.recents(db(), actor)],
        ton=genres.tone,
    )


@bp.route("/importer/<travail_ref>/colonnes", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_IMPORTER)
def import_colonnes(travail_ref: str) -> Response:
    """Say which column is which, then ask for the preview."""
    actor = current_actor()
    donne = travaux.ETAPES.depot(db(), actor, travail_ref)
    return tableaux.page_colonnes(
        donne,
        LIBELLES_CHAMP,
        _fil(_("Colonnes")),
        lambda choisies: travaux.demander_apercu(db(), clock(), actor, travail_ref, choisies),
    )


@bp.get("/importer/<travail_ref>")
@requires(Permission.CONVENTIONS_IMPORTER)
def import_suivre(travail_ref: str) -> Response:
    """Follow the reading or the import, then read the preview or the report."""
    travail = get_job(db(), current_actor(), travail_ref)
    if travail.genre == travaux.DEPOT:
        return see_other(url_for(".import_colonnes", travail_ref=travail_ref))
    if travail.genre not in (travaux.ANALYSER, travaux.IMPORTER):
        raise NotVisible(travail_ref)
    if nothing_new(genres.state(travail)):
        return make_response("", 204)
    return _apercu(travail) if travail.genre == travaux.ANALYSER else _bilan(travail)


@bp.post("/importer/<travail_ref>/confirmer")
@requires(Permission.CONVENTIONS_IMPORTER)
def import_confirmer(travail_ref: str) -> Response:
    """Import what was read."""
    actor = current_actor()
    travail = travaux.apercu(db(), actor, travail_ref)
    resultat = travail.resultat
    if travail.statut.value != "termine" or resultat is None:
        raise NotVisible(travail_ref)
    form, inconnus = _form(travail), formulaires.a_reconnaitre(resultat)
    if not form.validate_on_submit():
        return _apercu(travail, form)
    mots = questions.mots(form, resultat)
    if mots or request.form.get("refaire"):
        return _refaire(travail, formulaires.choix_faits(form, inconnus), mots)
    choix = formulaires.choix_d_operateurs(form, inconnus)
    if choix is None:
        return _apercu(travail, form)
    tout = form.lignes.data == formulaires.TOUT
    restantes = formulaires.refusees_restantes(resultat, choix)
    if tout and restantes:
        form.refuse(DomainError("conventions.import_refusees", "lignes", nombre=restantes))
        return _apercu(travail, form)
    demande = travaux.confirmer(db(), clock(), actor, travail_ref, tout=tout, choix=choix)
    flash(_("L’import est demandé. Vous pouvez suivre son avancement ici."), "succes")
    return see_other(url_for(".import_suivre", travail_ref=demande.ref))


@bp.route("/importer/<travail_ref>/annuler", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_IMPORTER)
def import_annuler(travail_ref: str) -> Response:
    """Undo an import within the day."""
    actor = current_actor()
    travail = travaux.importation(db(), actor, travail_ref)
    form, retour = FormActe(), url_for(".import_suivre", travail_ref=travail_ref)
    if form.validate_on_submit():
        try:
            travaux.annuler(db(), clock(), actor, travail_ref)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("L’import est annulé."), "succes")
            return see_other(retour)
    return render_view(
        "conventions/import_annuler.html",
        "conventions/_import_annuler.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=_fil(_("Défaire l’import")),
        form=form,
        travail=travail,
        annuler=retour,
    )


def _refaire(travail: Any, choix: dict[str, str], mots: dict[str, str]) -> Response:
    """Make the preview again with what was answered, so that nothing is imported that was not shown."""
    dits = travail.parametres.get("mots", {}) | mots
    demande = travaux.refaire_apercu(
        db(),
        clock(),
        current_actor(),
        travail.ref,
        choix=choix,
        mots={cle: mot for cle, mot in dits.items() if mot},
    )
    flash(_("L’aperçu est refait avec vos réponses. Relisez-le, puis importez."), "info")
    return see_other(url_for(".import_suivre", travail_ref=demande.ref))


def _apercu(travail: Any, form: Any = None) -> Response:
    """Show what the import would do; `form`: the confirmation that was refused."""
    resultat = travail.resultat if travail.statut.value == "termine" else None
    deja = travaux.ETAPES.import_de(db(), current_actor(), travail.ref) if resultat else None
    if deja is not None and deja.statut.value == "echoue":
        deja = None
    if resultat and not deja and form is None:
        form = _form(travail)
    inconnus = formulaires.a_reconnaitre(resultat) if resultat else []
    liens = import_lignes.liens(inconnus, questions.posees(resultat)) if resultat and form is not None else {}
    return render_view(
        "conventions/import_apercu.html",
        "conventions/_import_apercu.html",
        status=422 if form is not None and form.errors else 200,
        fil=_fil(_("Aperçu")),
        apercu=resultat,
        form=form,
        inconnus=len(inconnus),
        operateurs=formulaires.operateurs(form) if form is not None else [],
        questions=questions.de(form) if form is not None else [],
        deja=deja,
        colonnes=import_lignes.colonnes(resultat) if resultat else [],
        refusees=import_lignes.lignes(resultat, liens, refusees=True) if resultat else [],
        autres=import_lignes.lignes(resultat, liens, refusees=False) if resultat else [],
        **genres.shown(travail),
    )


def _bilan(travail: Any) -> Response:
    """Show what the import did, and what undoing it did."""
    statut = travail.statut.value
    annulation = (travail.resultat or {}).get("annulation") if statut == "annule" else None
    return render_view(
        "conventions/import_bilan.html",
        "conventions/_import_bilan.html",
        fil=_fil(_("Compte rendu")),
        bilan=travail.resultat if statut in ("termine", "annule") else None,
        annulable=travaux.annulable(clock(), travail),
        annulation=annulation,
        gardees=_gardees(annulation["gardees"]) if annulation else [],
        **genres.shown(travail),
    )


def _form(travail: Any) -> Any:
    """Return the form that confirms a preview."""
    autres: list[tuple[str, str]] = []
    if formulaires.a_reconnaitre(travail.resultat):
        connues = organisations.suggestions(db(), current_actor(), "", types=TYPES_OPERATEUR, limit=AUTRES)
        autres = [(row.ref, row.nom) for row in connues]
    return formulaires.form_confirmer(travail.resultat, travail.parametres.get("choix", {}), autres)


def _gardees(gardees: list[list[str]]) -> list[tuple[str, str, str, str]]:
    """Return the lines that undoing left alone: reference, operator, SIAO, why."""
    raisons = {ref: domain_message(DomainError(code)) for ref, code in gardees}
    try:
        visibles = fiches.choisies(db(), clock(), current_actor(), list(raisons))
    except NotVisible:  # one of them is no longer the actor's: their number alone is told
        return []
    return [(ligne.ref, ligne.operateur, ligne.siao, raisons[ligne.ref]) for ligne in visibles]


def _fil(etape: str = "") -> Fil:
    suivi, ici = (_("Suivi des conventions"), url_for(".liste")), _("Importer un suivi")
    return [suivi, (ici, url_for(".importer")), (etape, "")] if etape else [suivi, (ici, "")]
