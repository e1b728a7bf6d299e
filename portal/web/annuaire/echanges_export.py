"""What goes out of the directory: tables and cards of what is shown, each noted and limited in number."""

from collections.abc import Callable, Iterator
from datetime import date
from math import ceil
from typing import Any

from flask import Response, stream_with_context
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.annuaire.echanges import export, fiches
from portal.documents.exports import to_csv, to_xlsx
from portal.security.permissions import Permission
from portal.shared.errors import DomainError
from portal.web.annuaire.blueprint import bp
from portal.web.annuaire.recherche import filtre_lu
from portal.web.context import clock, current_actor, database, db, note_access, settings
from portal.web.errors import error_page
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.render import attachment, current_query

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITRE = "Annuaire"


@bp.get("/export.csv")
@requires(Permission.ANNUAIRE_EXPORTER)
def export_csv() -> Response:
    """Every entry that the search shows, all pages, as CSV."""
    return _sortir("csv", _csv)


@bp.get("/export.xlsx")
@requires(Permission.ANNUAIRE_EXPORTER)
def export_xlsx() -> Response:
    """The same as an Excel workbook."""
    return _sortir("xlsx", _classeur)


@bp.get("/export.vcf")
@requires(Permission.ANNUAIRE_EXPORTER)
def export_vcf() -> Response:
    """The same as contact cards, one for each function: who answers today."""
    return _sortir("vcf", _cartes)


@bp.get("/modele.csv")
@requires(Permission.ANNUAIRE_MODIFIER)
def modele() -> Response:
    """An example of the table that the import reads."""
    return attachment(
        b"".join(to_csv(fiches.ENTETES_MODELE, fiches.MODELE)), "annuaire-modele.csv", "text/csv"
    )


def attente() -> int:
    """Count something taken out by a GET, in a transaction of its own; return how many seconds to wait."""
    with database().session(write=True) as session:
        secondes = export.attendre(session, clock(), settings(), current_actor())
        session.commit()
    return secondes


def trop(secondes: int) -> Response:
    """Return the page that says when to begin again."""
    reponse = error_page(
        429,
        raison=_(
            "La liste des coordonnées des partenaires s’emporte %(nombre)s fois au plus "
            "en %(minutes)s minutes.",
            nombre=settings().annuaire_exports,
            minutes=settings().login_window_minutes,
        ),
        attente=ceil(secondes / 60),
    )
    reponse.headers["Retry-After"] = str(secondes)
    return reponse


def _sortir(extension: str, ecrire: Callable[[list[int], date], Response]) -> Response:
    """Take out what the address shows, once it is counted and noted: who, what was asked, how many."""
    if secondes := attente():
        return trop(secondes)
    actor = current_actor()
    jour = clock().today(actor.fuseau)
    filtre, _organisation = filtre_lu()
    ids = export.choisir(db(), actor, filtre, jour)
    if extension != "csv":
        try:
            export.borner(ids)
        except DomainError as error:
            return error_page(422, messages=[domain_message(error)])
    note_access("annuaire:liste:exporter", format=extension, filtres=_filtres(), nombre=len(ids))
    return ecrire(ids, jour)


def _filtres() -> dict[str, Any]:
    return {nom: valeurs[0][:80] for nom, valeurs in current_query(curseur=None).items() if valeurs}


def _csv(ids: list[int], jour: date) -> Response:
    return attachment(stream_with_context(_pieces(ids, jour)), _nom("csv"), "text/csv")


def _pieces(ids: list[int], jour: date) -> Iterator[bytes]:
    """Yield the table; the session is opened while it is sent, so that the end of the sending closes it."""
    yield from to_csv(fiches.entetes(), export.lignes(db(), ids, jour))


def _classeur(ids: list[int], jour: date) -> Response:
    lignes = export.lignes(db(), ids, jour)
    contenu = to_xlsx(fiches.entetes(), lignes, title=TITRE, created=clock().now())
    return attachment(contenu, _nom("xlsx"), XLSX)


def _cartes(ids: list[int], jour: date) -> Response:
    contenu = b"".join(export.cartes(db(), ids, jour, str(get_locale())))
    return attachment(contenu, _nom("vcf"), "text/vcard; charset=utf-8")


def _nom(extension: str) -> str:
    return f"annuaire-{clock().today(current_actor().fuseau).isoformat()}.{extension}"
