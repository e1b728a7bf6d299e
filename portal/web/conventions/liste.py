"""« Suivi des conventions »: the list, its news, its exports."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, make_response, request, stream_with_context, url_for
from flask_babel import gettext as _

from portal.conventions import fiche as fiches
from portal.conventions import queries
from portal.conventions.enums import Partie, Statut
from portal.conventions.filtres import Filtres
from portal.conventions.lignes import Ligne
from portal.documents.exports import Value, to_csv, to_xlsx
from portal.security.permissions import OPERATEUR, Permission
from portal.security.policy import can
from portal.web.context import clock, current_actor, db, note_access
from portal.web.conventions import filtrage, rendu, tableau
from portal.web.conventions.blueprint import bp
from portal.web.guards import requires
from portal.web.render import attachment, render_view, wants_fragment

ACCORDEES = (Statut.ACCORD_DE_PRINCIPE, Statut.EN_SIGNATURE, Statut.SIGNEE)
"""States in which no clause of a text is open."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@requires(Permission.CONVENTIONS_LIRE)
def liste() -> Response:
    """The lines that the actor may see; filters, sort and page are in the address."""
    actor, filtres = current_actor(), filtrage.lus()
    modifie, seul = can(actor, Permission.CONVENTIONS_MODIFIER), actor.profil in OPERATEUR
    trouvees = queries.lister(db(), clock(), actor, filtres, curseur=request.args.get("curseur"))
    siaos = filtrage.siaos(actor)
    ouvertes: dict[str, Any] = {
        "cree": can(actor, Permission.CONVENTIONS_CREER),
        "importe": "conventions.importer" in current_app.view_functions
        and can(actor, Permission.CONVENTIONS_IMPORTER),
    }
    html = rendu.page(
        trouvees,
        filtres,
        siaos,
        operateur_seul=seul,
        modifie=modifie,
        **ouvertes,
    )
    if wants_fragment():
        return make_response(html)
    return render_view(
        "conventions/liste.html",
        liste=html,
        formulaire=rendu.formulaire(filtres, siaos),
        **ouvertes,
        vue=request.query_string.decode(),
        etat=numero(clock().now()),
    )


@bp.get("/veille")
@requires(Permission.CONVENTIONS_LIRE)
def veille() -> Response:
    """Whether a line has changed since the list was shown: 204, or a notice with a link to the same list."""
    derniere = fiches.derniere_modification(db(), current_actor())
    if derniere is None or numero(derniere) <= request.args.get("etat", ""):
        return Response(status=204)
    vue = request.args.get("vue", "")[:2000]
    adresse = url_for(".liste") + (f"?{vue}" if vue else "")
    return render_view(
        "conventions/_veille.html", etat=numero(derniere), vue=vue, adresse=adresse, change=True
    )


def numero(instant: datetime) -> str:
    """Return an instant as the state number of a list: a later one is greater, as text too."""
    return instant.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")


@bp.get("/export.csv")
@requires(Permission.CONVENTIONS_EXPORTER)
def export_csv() -> Response:
    """Every line of the list as it is filtered and sorted, all pages, as CSV."""
    _noter_export("csv")
    pieces = to_csv(_entetes(), _valeurs(filtrage.lus()))
    return attachment(stream_with_context(pieces), _nom("csv"), "text/csv")


@bp.get("/export.xlsx")
@requires(Permission.CONVENTIONS_EXPORTER)
def export_xlsx() -> Response:
    """The same as an Excel workbook."""
    _noter_export("xlsx")
    classeur = to_xlsx(
        _entetes(), _valeurs(filtrage.lus()), title=_("Suivi des conventions"), created=clock().now()
    )
    return attachment(classeur, _nom("xlsx"), XLSX)


def _noter_export(extension: str) -> None:
    note_access("conventions:liste:exporter", format=extension, filtres=filtrage.lus().args())


def _nom(extension: str) -> str:
    jour = clock().today(current_actor().fuseau)
    return f"suivi-conventions-{jour.isoformat()}.{extension}"


def _entetes() -> list[str]:
    parties = tableau.mots().parties
    return [
        _("Opérateur"),
        _("SIAO"),
        _("Département"),
        _("Natures"),
        _("Places"),
        _("Mode"),
        _("État"),
        _("Situation"),
        _("Jours de retard sur la date cible"),
        _("Jours de retard sur l’échéance nationale"),
        _("Clauses ouvertes"),
        _("Clauses ★ ouvertes"),
        _("Version verte"),
        _("Date cible"),
        _("Signatures (0 à 3)"),
        *(_("Signature : %(partie)s", partie=nom) for nom in parties.values()),
        _("Date de signature"),
        _("Date d’effet"),
        _("Date de fin"),
        _("Dernier jour effectif"),
        _("Avenants signés"),
        _("Personne en charge"),
        _("Recopiée dans le SI SIAO le"),
        _("Recopiée par"),
    ]


def _valeurs(filtres: Filtres) -> Iterator[list[Value]]:
    actor = current_actor()
    for ligne in queries.exporter(db(), clock(), actor, filtres):
        yield [
            *_identite(ligne),
            tableau.note(ligne),
            ligne.retard.propre or None,
            ligne.retard.national or None,
            _ouvertes(ligne, ligne.clauses_ouvertes),
            _ouvertes(ligne, ligne.etoiles_ouvertes),
            ligne.version_verte,
            ligne.date_cible,
            len(Partie) if ligne.signee else len(ligne.signatures),
            *(ligne.signatures.get(partie) for partie in Partie),
            ligne.date_signature,
            ligne.date_effet,
            ligne.date_fin,
            ligne.fin_effective,
            ligne.avenants,
            tableau.en_charge(ligne),
            _jour_de_copie(ligne),
            ligne.si_siao_copiee_par,
        ]


def _ouvertes(ligne: Ligne, nombre: int | None) -> int | None:
    """Return how many clauses are open: none once the text is agreed, None for a line without one."""
    accordee = ligne.version_verte is not None and ligne.statut in ACCORDEES and not ligne.reprise
    return 0 if nombre is None and accordee else nombre


def _jour_de_copie(ligne: Ligne) -> date | None:
    copiee = ligne.si_siao_copiee_le
    return copiee.astimezone(ZoneInfo(ligne.fuseau)).date() if copiee else None


def _identite(ligne: Ligne) -> list[Value]:
    mots = tableau.mots()
    return [
        ligne.operateur,
        ligne.siao,
        ligne.departement_code,
        ", ".join(mots.natures.get(code, code) for code in ligne.natures),
        ligne.places,
        mots.modes[ligne.mode],
        mots.etats[ligne.etat],
    ]
