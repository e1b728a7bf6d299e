"""The FINESS import from a screen: give the file, read what would change, confirm, follow."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, url_for
from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from portal.documents.storage import Storage
from portal.jobs.service import get_job, recent_jobs
from portal.organisations import travaux_finess
from portal.organisations.import_finess import LigneRapport, Rapport
from portal.organisations.travaux_finess import ANALYSER, IMPORTER
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, NotVisible
from portal.shared.messages import N_
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import OBLIGATOIRE, Formulaire, _l, domain_message, obligatoire
from portal.web.guards import accepts_upload, requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.routes import fil_to, status_of
from portal.web.render import render_view, see_other
from portal.web.travaux import genres
from portal.web.travaux.routes import nothing_new

bp = Blueprint("import_finess", __name__, url_prefix="/organisations/import-finess")

genres.declare(ANALYSER, genres.Genre(N_("Lecture d’un fichier FINESS"), "import_finess.suivre"))
genres.declare(IMPORTER, genres.Genre(N_("Import d’un fichier FINESS"), "import_finess.suivre"))

SAMPLE = 50  # lines of each list shown before an import; all those kept are shown after

# What a report says of a line: fields that an update writes, and what was wrong and left out.
DETAILS: Mapping[str, str] = {
    "nom": N_("nom"),
    "siret": N_("SIRET"),
    "departement_code": N_("département"),
    "commune_code": N_("commune"),
    "adresse": N_("adresse"),
    "telephone": N_("téléphone"),
    "ouverte_le": N_("date d’ouverture"),
    "categorie_finess": N_("catégorie"),
    "finess_maj_le": N_("date de mise à jour"),
    "mise_a_jour": N_("date de mise à jour illisible"),
    "ouverture": N_("date d’ouverture illisible"),
    "entite": N_("FINESS de l’entité juridique illisible"),
    "commune": N_("commune inconnue"),
    "siren": N_("un SIREN différent de celui du gestionnaire connu"),
    "gestionnaire": N_("un autre gestionnaire dans le fichier : la structure reste au sien"),
}


class FormImport(Formulaire):
    """The extraction and the département to import."""

    departement = SelectField(_l("Département"), validators=[obligatoire()])
    fichier = FileField(
        _l("Extraction FINESS"),
        validators=[FileRequired(message=OBLIGATOIRE)],
        description=_l(
            "Le fichier « etalab-cs1100502 » tel qu’il est publié sur data.gouv.fr, au format CSV."
        ),
    )


@bp.route("", methods=["GET", "POST"])
@accepts_upload(travaux_finess.TAILLE_MAX)
@requires(Permission.ORGANISATIONS_IMPORTER)
def deposer() -> Response:
    """Give the file; it is read, and nothing is written before the confirmation."""
    actor = current_actor()
    form = FormImport(data={"departement": actor.departement_code})
    form.departement.choices = nomenclatures.options(nomenclatures.departement_choices(actor.departements))
    if form.validate_on_submit():
        given = form.fichier.data
        try:
            asked = travaux_finess.ask_analysis(
                db(),
                clock(),
                actor,
                Storage(settings()),
                given.stream,
                given.filename or "finess.csv",
                form.departement.data,
            )
        except DomainError as error:
            form.refuse(DomainError(error.code, "fichier", **error.params))
        else:
            return see_other(url_for("import_finess.suivre", travail_ref=asked.ref))
    return render_view(
        "organisations/import_finess.html",
        status=status_of(form),
        fil=fil_to((_("Importer FINESS"), "")),
        form=form,
        limite=travaux_finess.TAILLE_MAX // (1024 * 1024),
        precedents=recent_jobs(db(), actor, kind=IMPORTER, limit=5),
        ton=genres.tone,
    )


@bp.get("/<travail_ref>")
@requires(Permission.ORGANISATIONS_IMPORTER)
def suivre(travail_ref: str) -> Response:
    """Follow the reading or the import, then read its report."""
    travail = get_job(db(), current_actor(), travail_ref)
    if travail.genre not in (ANALYSER, IMPORTER):
        raise NotVisible(travail_ref)
    if nothing_new(genres.state(travail)):
        return make_response("", 204)
    report = travaux_finess.report_of(travail)
    preview = travail.genre == ANALYSER
    done = travaux_finess.imports_of(db(), current_actor(), travail.ref) if preview and report else []
    return render_view(
        "organisations/suivi_finess.html",
        "organisations/_suivi_finess.html",
        fil=fil_to((_("Importer FINESS"), url_for("import_finess.deposer")), (_("Compte rendu"), "")),
        **genres.shown(travail),
        apercu=preview,
        deja=done[0] if done else None,
        rapport=report,
        listes=_lists(report, preview=preview) if report else [],
        departement=nomenclatures.departements().get(travail.parametres["departement"], ""),
        form=Formulaire(),
    )


@bp.post("/<travail_ref>/confirmer")
@requires(Permission.ORGANISATIONS_IMPORTER)
def confirmer(travail_ref: str) -> Response:
    """Import what was read."""
    asked = travaux_finess.confirm_import(db(), clock(), current_actor(), travail_ref)
    flash(_("L’import est demandé. Vous pouvez suivre son avancement ici."), "succes")
    return see_other(url_for("import_finess.suivre", travail_ref=asked.ref))


def _lists(report: Rapport, *, preview: bool) -> list[dict[str, Any]]:
    """Return the lists of lines to show, each with its title, its whole count and the lines kept."""
    limit = SAMPLE if preview else None
    updated = _("Structures à mettre à jour") if preview else _("Structures mises à jour")
    created = _("Structures à créer") if preview else _("Structures créées")
    parts: list[tuple[str, str, int, list[LigneRapport]]] = [
        ("refusees", _("Lignes refusées"), report.refuses, report.lignes_refusees),
        ("modifiees", updated, report.modifies, report.lignes_modifiees),
        ("creees", created, report.crees, report.lignes_creees),
        ("anomalies", _("À vérifier"), len(report.anomalies), report.anomalies),
    ]
    return [
        {
            "id": name,
            "titre": title,
            "nombre": count,
            "lignes": [(one, _words(one)) for one in lines[:limit]],
        }
        for name, title, count, lines in parts
        if lines
    ]


def _words(line: LigneRapport) -> str:
    if line.motif:
        return domain_message(DomainError(line.motif, **line.params))
    return ", ".join(str(_(DETAILS.get(detail, detail))) for detail in line.details)
