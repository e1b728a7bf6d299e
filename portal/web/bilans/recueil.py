"""The gathering of a département for its comité stratégique: given, awaited, missing, and its exports."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request, stream_with_context, url_for
from flask_babel import gettext as _

from portal.conventions.bilans import queries
from portal.conventions.bilans.enums import LIBELLES_GENRE, LIBELLES_SITUATION, LIBELLES_SITUATIONS, Situation
from portal.conventions.bilans.indicateurs import LIBELLES as INDICATEURS
from portal.conventions.bilans.queries import Choix
from portal.conventions.enums import LIBELLES_PARTIE
from portal.documents.exports import Value, to_csv, to_xlsx
from portal.documents.rendu.docx import en_docx
from portal.security.permissions import Permission
from portal.web.bilans import rendu
from portal.web.bilans.blueprint import bp
from portal.web.context import clock, current_actor, db, note_access
from portal.web.conventions import filtrage
from portal.web.guards import requires
from portal.web.organisations.nomenclatures import departements
from portal.web.render import attachment, render_view

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _choix() -> Choix:
    """Return the filters of the address; what is not understood is left out."""
    situation = next((une for une in Situation if une.value == request.args.get("situation")), None)
    annee = request.args.get("annee", "")
    lue = int(annee) if annee.isdecimal() and len(annee) == 4 and annee > "1900" else None
    return Choix(situation, lue, request.args.get("siao", "")[:40])


def _args(choix: Choix) -> dict[str, Any]:
    """Return the query arguments that mean a choice."""
    return {
        nom: valeur
        for nom, valeur in (
            ("situation", choix.situation.value if choix.situation else ""),
            ("annee", str(choix.annee or "")),
            ("siao", choix.siao),
        )
        if valeur
    }


@bp.get("/bilans")
@requires(Permission.BILANS_SUIVRE)
def recueil() -> Response:
    """The bilans of the département, the last due first."""
    actor, choix = current_actor(), _choix()
    lu = queries.lister(db(), clock(), actor, choix, curseur=request.args.get("curseur"))
    siaos = filtrage.siaos(actor)
    args = _args(choix)
    return render_view(
        "bilans/recueil.html",
        departement=_departement(),
        choix=choix,
        recueil=lu,
        siaos=siaos if len(siaos) > 1 else [],
        tons=rendu.TONS,
        retard=rendu.retard,
        vues=[
            (_(LIBELLES_SITUATIONS[une]), nombre, rendu.TONS[une], url_for(".recueil", **_vue(choix, une)))
            for une, nombre in lu.comptes.items()
        ],
        actifs=len(args),
        effacer=url_for(".recueil"),
        exports=[
            ("XLSX", url_for(".export_xlsx", **args)),
            ("CSV", url_for(".export_csv", **args)),
            ("Word", url_for(".export_docx", **args)),
        ],
    )


def _vue(choix: Choix, situation: Situation) -> dict[str, Any]:
    return _args(Choix(situation, choix.annee, choix.siao))


@bp.get("/bilans/export.csv")
@requires(Permission.BILANS_SUIVRE)
def export_csv() -> Response:
    """Every bilan of the choice, all pages, as CSV."""
    _noter("csv")
    return attachment(stream_with_context(to_csv(_entetes(), _valeurs())), _nom("csv"), "text/csv")


@bp.get("/bilans/export.xlsx")
@requires(Permission.BILANS_SUIVRE)
def export_xlsx() -> Response:
    """The same as an Excel workbook."""
    _noter("xlsx")
    classeur = to_xlsx(_entetes(), _valeurs(), title=_("Bilans des conventions"), created=clock().now())
    return attachment(classeur, _nom("xlsx"), XLSX)


@bp.get("/bilans/export.docx")
@requires(Permission.BILANS_SUIVRE)
def export_docx() -> Response:
    """The paper of the comité stratégique, as Word: the counts, the list, the text of what was given."""
    _noter("docx")
    actor, choix = current_actor(), _choix()
    papier = rendu.document(
        queries.exporter(db(), clock(), actor, choix),
        queries.compter(db(), clock(), actor, choix),
        _departement(),
        clock().today(actor.fuseau),
    )
    return attachment(en_docx(papier, clock().now()), _nom("docx"), DOCX)


def _departement() -> str:
    code = current_actor().departement_code
    return f"{code} – {departements().get(code, code)}"


def _noter(extension: str) -> None:
    note_access("bilans:recueil:exporter", format=extension, filtres=_args(_choix()))


def _nom(extension: str) -> str:
    actor = current_actor()
    jour = clock().today(actor.fuseau)
    return f"bilans-{actor.departement_code}-{jour.isoformat()}.{extension}"


def _entetes() -> list[str]:
    return [
        _("Opérateur"),
        _("SIAO"),
        _("Bilan"),
        _("Du"),
        _("Au"),
        _("Demandé le"),
        _("Échéance"),
        _("Situation"),
        _("Jours de retard"),
        _("Rendu le"),
        _("Rendu par"),
        _("Partie"),
        *(_(libelle) for libelle in INDICATEURS.values()),
        _("Ce que sont devenus les engagements"),
        _("Difficultés rencontrées"),
    ]


def _valeurs() -> Iterator[list[Value]]:
    for lu in queries.exporter(db(), clock(), current_actor(), _choix()):
        rendu_ = lu.situation is Situation.RENDU
        yield [
            lu.operateur,
            lu.siao,
            _(LIBELLES_GENRE[lu.genre]),
            lu.du,
            lu.au,
            lu.demande_le,
            lu.echeance,
            _(LIBELLES_SITUATION[lu.situation]),
            lu.retard or None,
            _civil(lu.rendu_le, lu.fuseau),
            lu.auteur if rendu_ else None,
            _(LIBELLES_PARTIE[lu.partie]) if rendu_ and lu.partie else None,
            *(lu.indicateurs.get(code) for code in INDICATEURS),
            lu.engagements if rendu_ else None,
            lu.difficultes if rendu_ else None,
        ]


def _civil(instant: datetime | None, fuseau: str) -> Value:
    return instant.astimezone(ZoneInfo(fuseau)).date() if instant else None
