"""Parts of the list kept in memory: a row, a page of rows, the form of filters.

People look at the same lines all day. The key of what is kept is everything it shows, as just read from the
database, so that nothing ever outlives what it says.
"""

from collections import OrderedDict
from functools import lru_cache
from typing import Any

from flask import current_app, render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from portal.conventions.filtres import Filtres
from portal.conventions.queries import Liste
from portal.web.conventions import filtrage, tableau

Cle = tuple[Any, ...]


class Memoire:
    """Rendered texts by key; the oldest leave first."""

    def __init__(self, taille: int) -> None:
        self._taille = taille
        self._textes: OrderedDict[Cle, Markup] = OrderedDict()

    def lire(self, cle: Cle) -> Markup | None:
        """Return what is kept under a key."""
        return self._textes.get(cle)

    def garder(self, cle: Cle, texte: Markup) -> Markup:
        """Keep a text and return it."""
        self._textes[cle] = texte
        while len(self._textes) > self._taille:
            self._textes.popitem(last=False)
        return texte


_rangs = Memoire(1000)  # about 2 MB
_pages = Memoire(50)  # about 4 MB


def page(liste: Liste, fuseau: str, *, operateur_seul: bool, **contexte: Any) -> Markup:
    """Return the part of the list that htmx replaces; `contexte`: what else its template reads."""
    lue, commun = liste.page, (liste.jour, fuseau, str(get_locale()), contexte["modifie"], operateur_seul)
    cle = (
        request.query_string,
        *commun,
        *(contexte[nom] for nom in ("cree", "importe")),
        *(lue.previous, lue.next, lue.total, lue.total_exact),
        *map(tuple, lue.rows),
    )
    connue = _pages.lire(cle)
    if connue is not None:
        return connue
    html = render_template(
        "conventions/_liste.html",
        page=lue,
        rangs=_tous(liste, commun, operateur_seul=operateur_seul),
        operateur_seul=operateur_seul,
        **contexte,
    )
    return _pages.garder(cle, Markup(html))  # noqa: S704  (escaped by the template)


def _tous(liste: Liste, commun: Cle, *, operateur_seul: bool) -> Markup:
    """Return the rows of a page, rendering those that are not known."""
    _jour, fuseau, _langue, modifie, _seul = commun
    gabarit = current_app.jinja_env.get_template("conventions/_ligne.html")
    rendus = []
    for row, ligne in zip(liste.page.rows, liste.lignes, strict=True):
        cle = (*row, *commun)
        rang = _rangs.lire(cle)
        if rang is None:
            [cellules] = tableau.cellules([ligne], liste.jour, fuseau, operateur_seul=operateur_seul)
            html = gabarit.render(c=cellules, modifie=modifie)
            rang = _rangs.garder(cle, Markup(html))  # noqa: S704  (escaped by the template)
        rendus.append(rang)
    return Markup("").join(rendus)


def formulaire(filtres: Filtres, siaos: filtrage.Choix, nombre: int) -> Markup:
    """Return the form of filters; `nombre`: how many are active."""
    return _formulaire(str(get_locale()), filtres, tuple(siaos), nombre)


@lru_cache(maxsize=100)
def _formulaire(_langue: str, filtres: Filtres, siaos: tuple[tuple[str, str], ...], nombre: int) -> Markup:
    html = render_template(
        "conventions/_filtres.html",
        filtres=filtres,
        choix=filtrage.choix(filtres, list(siaos)),
        nombre=nombre,
    )
    return Markup(html)  # noqa: S704  (escaped by the template)
