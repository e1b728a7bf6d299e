"""Importing entries from a table: file, columns, preview, decisions, import, undo."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _

from portal.annuaire.echanges import travaux
from portal.annuaire.echanges.champs import LIBELLES_CHAMP
from portal.annuaire.echanges.rapprochement import CREER, IGNORER, MAJ
from portal.documents.storage import Storage
from portal.jobs.service import get_job
from portal.jobs.tableaux import LIGNES_MAXIMUM
from portal.security.permissions import SIAO, Permission
from portal.shared.errors import DomainError, NotVisible
from portal.shared.messages import N_
from portal.web import tableaux
from portal.web.annuaire import echanges_formulaires as formulaires
from portal.web.annuaire import echanges_lignes
from portal.web.annuaire.blueprint import bp
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import accepts_upload, requires
from portal.web.render import render_view, see_other
from portal.web.travaux import genres
from portal.web.travaux.routes import nothing_new

PAGE = "annuaire.import_suivre"

Fil = list[tuple[str, str]]

genres.declare(travaux.DEPOT, genres.Genre(N_("Dépôt d’un tableau de référents"), PAGE))
genres.declare(travaux.ANALYSER, genres.Genre(N_("Aperçu de l’import dans l’annuaire"), PAGE))
genres.declare(travaux.IMPORTER, genres.Genre(N_("Import dans l’annuaire"), PAGE))


@bp.route("/importer", methods=["GET", "POST"])
@accepts_upload(tableaux.ENVOI_MAXIMUM)
@requires(Permission.ANNUAIRE_MODIFIER)
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
        "annuaire/importer.html",
        status=422 if form.errors else 200,
        fil=_fil(),
        form=form,
        limite=settings().max_upload_bytes // (1024 * 1024),
        lignes_maximum=LIGNES_MAXIMUM,
        pour_tous=actor.profil in SIAO,
        organisation=actor.organisation_nom,
        champs=[_(libelle) for libelle in LIBELLES_CHAMP.values()],
        precedents=[(t, genres.label(t.genre)) for t in travaux.ETAPES.recents(db(), actor)],
        ton=genres.tone,
    )


@bp.route("/importer/<travail_ref>/colonnes", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
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
@requires(Permission.ANNUAIRE_MODIFIER)
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
@requires(Permission.ANNUAIRE_MODIFIER)
def import_confirmer(travail_ref: str) -> Response:
    """Keep what was decided, make the preview again, or import: the button says which (`geste`)."""
    actor = current_actor()
    travail = travaux.apercu(db(), actor, travail_ref)
    resultat = travail.resultat
    if travail.statut.value != "termine" or resultat is None:
        raise NotVisible(travail_ref)
    form = _form(travail)
    if not form.validate_on_submit():
        return _apercu(travail, form)
    geste = request.form.get("geste", "")
    if geste == "tout":
        choix = form.pour_tout.data or ""
        travaux.decider_pour_tout(db(), actor, travail_ref, choix if choix in (MAJ, CREER, IGNORER) else "")
        return see_other(_ici(travail_ref, _page()))
    _garder(travail, resultat, form)
    if geste.startswith("page:"):
        return see_other(_ici(travail_ref, _numero(geste.removeprefix("page:"))))
    mots = formulaires.mots(form, resultat)
    if mots or geste == "refaire":
        return _refaire(travail, mots)
    comptes = echanges_lignes.comptes(resultat, travail.parametres)
    if form.lignes.data == formulaires.TOUT and comptes["refusee"]:
        form.refuse(DomainError("annuaire.import_refusees", "lignes", nombre=comptes["refusee"]))
        return _apercu(travail, form)
    tout = form.lignes.data == formulaires.TOUT
    demande = travaux.confirmer(db(), clock(), actor, travail_ref, tout=tout)
    flash(_("L’import est demandé. Vous pouvez suivre son avancement ici."), "succes")
    return see_other(url_for(".import_suivre", travail_ref=demande.ref))


@bp.route("/importer/<travail_ref>/annuler", methods=["GET", "POST"])
@requires(Permission.ANNUAIRE_MODIFIER)
def import_annuler(travail_ref: str) -> Response:
    """Undo an import within the day."""
    actor = current_actor()
    travail = travaux.importation(db(), actor, travail_ref)
    form, retour = Formulaire(), url_for(".import_suivre", travail_ref=travail_ref)
    if form.validate_on_submit():
        try:
            travaux.annuler(db(), clock(), actor, travail_ref)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("L’import est annulé."), "succes")
            return see_other(retour)
    return render_view(
        "annuaire/import_annuler.html",
        "annuaire/_import_annuler.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=_fil(_("Défaire l’import")),
        form=form,
        travail=travail,
        annuler=retour,
    )


def _garder(travail: Any, resultat: Mapping[str, Any], form: Any) -> None:
    """Keep the fates chosen on this page that differ from what stands."""
    page = {str(ligne["numero"]): ligne for ligne in _lignes_de_la_page(resultat)}
    choisis = {
        numero: choix
        for numero, choix in formulaires.decisions(form).items()
        if choix != formulaires.choix_de(page[numero], travail.parametres)
    }
    if choisis:
        travaux.decider(db(), current_actor(), travail.ref, choisis)


def _refaire(travail: Any, mots: dict[str, str]) -> Response:
    """Make the preview again with what was answered, so that nothing is imported that was not shown."""
    dits = travail.parametres.get("mots", {}) | mots
    demande = travaux.refaire_apercu(
        db(), clock(), current_actor(), travail.ref, mots={cle: mot for cle, mot in dits.items() if mot}
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
    lu: dict[str, Any] = {}
    if resultat:
        liens = echanges_lignes.liens(resultat) if form is not None else {}
        page = _lignes_de_la_page(resultat)
        lu = {
            "comptes": echanges_lignes.comptes(resultat, travail.parametres),
            "colonnes": echanges_lignes.colonnes(resultat),
            "refusees": echanges_lignes.lignes(resultat, liens, refusees=True),
            "autres": echanges_lignes.lignes(resultat, liens, refusees=False),
            "questions": formulaires.questions(form) if form is not None else [],
            "decisions": echanges_lignes.decisions(page, form) if form is not None else [],
            "a_decider": len(resultat["a_decider"]),
            "page": _page(),
            "pages": max(1, -(-len(resultat["a_decider"]) // formulaires.PAR_PAGE)),
        }
    return render_view(
        "annuaire/import_apercu.html",
        "annuaire/_import_apercu.html",
        status=422 if form is not None and form.errors else 200,
        fil=_fil(_("Aperçu")),
        apercu=resultat,
        form=form,
        deja=deja,
        **lu,
        **genres.shown(travail),
    )


def _bilan(travail: Any) -> Response:
    """Show what the import did, and what undoing it did."""
    statut = travail.statut.value
    annulation = (travail.resultat or {}).get("annulation") if statut == "annule" else None
    return render_view(
        "annuaire/import_bilan.html",
        "annuaire/_import_bilan.html",
        fil=_fil(_("Compte rendu")),
        bilan=travail.resultat if statut in ("termine", "annule") else None,
        annulable=travaux.annulable(clock(), current_actor(), travail),
        annulation=annulation,
        gardees=[(ref, domain_message(DomainError(code))) for ref, code in annulation["gardees"]]
        if annulation
        else [],
        **genres.shown(travail),
    )


def _form(travail: Any) -> Any:
    """Return the form that confirms a preview, with the lines of the page asked for."""
    return formulaires.form_confirmer(
        travail.resultat, travail.parametres, _lignes_de_la_page(travail.resultat)
    )


def _lignes_de_la_page(resultat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    debut = (_page() - 1) * formulaires.PAR_PAGE
    return list(resultat["a_decider"][debut : debut + formulaires.PAR_PAGE])


def _page() -> int:
    return _numero(request.args.get("page", "1"))


def _numero(dit: str) -> int:
    return max(1, int(dit)) if dit.isascii() and dit.isdigit() and len(dit) < 6 else 1


def _ici(travail_ref: str, page: int) -> str:
    return url_for(".import_suivre", travail_ref=travail_ref, page=page if page > 1 else None) + "#decisions"


def _fil(etape: str = "") -> Fil:
    annuaire, ici = (_("Annuaire"), url_for(".liste")), _("Importer des fiches")
    return [annuaire, (ici, url_for(".importer")), (etape, "")] if etape else [annuaire, (ici, "")]
