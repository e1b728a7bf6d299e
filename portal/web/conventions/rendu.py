"""Parts of the list kept in memory: a row, a page of rows, the form of filters.

People look at the same lines all day. The key of what is kept is everything it shows, as just read from the
database, so that nothing ever outlives what it says.
"""

from functools import lru_cache, partial
from typing import Any

from flask import current_app, render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from portal.conventions.filtres import Filtres
from portal.conventions.lignes import Ligne
from portal.conventions.queries import Liste
from portal.shared.memory import Memory
from portal.web.conventions import filtrage, tableau

Cle = tuple[Any, ...]

_rangs: Memory[Markup] = Memory(1000)  # about 2 MB
_pages: Memory[Markup] = Memory(50)  # about 4 MB


def page(
    liste: Liste,
    filtres: Filtres,
    siaos: filtrage.Choix,
    *,
    modifie: bool,
    operateur_seul: bool,
    **ouvertes: bool,
) -> Markup:
    """Return the part of the list that htmx replaces; `ouvertes`: what the reader may do besides.

    A SIAO that is the only one its reader has, on every row, is not written; exports write it.
    """
    lue = liste.page
    siao_seul = len(siaos) <= 1 and len({row.siao_ref for row in lue.rows}) == 1
    commun = (liste.reperes, str(get_locale()), modifie, operateur_seul, siao_seul)

    def rendre() -> Markup:
        html = render_template(
            "conventions/_liste.html",
            page=lue,
            rangs=_tous(liste, commun),
            puces=filtrage.puces(filtres, siaos),
            tri=("-" if filtres.descendant else "") + filtres.tri.value,
            ici=request.full_path if request.query_string else request.path,
            csv=filtrage.adresse(".export_csv", filtres),
            xlsx=filtrage.adresse(".export_xlsx", filtres),
            modifie=modifie,
            operateur_seul=operateur_seul,
            siao_seul=siao_seul,
            **ouvertes,
        )
        return Markup(html)  # noqa: S704  (escaped by the template)

    cle = (
        request.query_string,
        *commun,
        *ouvertes.items(),
        *siaos,
        *(lue.previous, lue.next, lue.total, lue.total_exact),
        *map(tuple, lue.rows),
    )
    return _pages.get(cle, rendre)


def _tous(liste: Liste, commun: Cle) -> Markup:
    """Return the rows of a page, rendering those that are not known."""
    _jours, _langue, modifie, operateur_seul, siao_seul = commun
    gabarit = current_app.jinja_env.get_template("conventions/_ligne.html")

    def rendre(ligne: Ligne) -> Markup:
        [cellules] = tableau.cellules([ligne], operateur_seul=operateur_seul, siao_seul=siao_seul)
        html = gabarit.render(c=cellules, modifie=modifie)
        return Markup(html)  # noqa: S704  (escaped by the template)

    return Markup("").join(
        _rangs.get((*row, *commun), partial(rendre, ligne))
        for row, ligne in zip(liste.page.rows, liste.lignes, strict=True)
    )


def formulaire(filtres: Filtres, siaos: filtrage.Choix) -> Markup:
    """Return the form of filters."""
    return _formulaire(str(get_locale()), filtres, tuple(siaos))


@lru_cache(maxsize=100)
def _formulaire(_langue: str, filtres: Filtres, siaos: tuple[tuple[str, str], ...]) -> Markup:
    html = render_template(
        "conventions/_filtres.html",
        filtres=filtres,
        choix=filtrage.choix(filtres, list(siaos)),
        nombre=len(filtrage.puces(filtres, list(siaos))),
    )
    return Markup(html)  # noqa: S704  (escaped by the template)
