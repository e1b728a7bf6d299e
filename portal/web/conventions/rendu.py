"""Parts of the list kept in memory: a row as long as it says the same, the form of filters per choice.

People look at the same lines all day: the key of a row is everything it shows, as read from the database,
so that a row never outlives what it says.
"""

from collections import OrderedDict
from functools import lru_cache
from typing import Any

from flask import current_app, render_template
from flask_babel import get_locale
from markupsafe import Markup

from portal.conventions.filtres import Filtres
from portal.conventions.queries import Liste
from portal.web.conventions import filtrage, tableau

RANGS = 2000  # about 4 MB

_rangs: OrderedDict[tuple[Any, ...], Markup] = OrderedDict()


def rangs(liste: Liste, fuseau: str, *, modifie: bool, operateur_seul: bool) -> Markup:
    """Return the rows of a page of the list."""
    commun = (liste.jour, fuseau, str(get_locale()), modifie, operateur_seul)
    cles = [(*row, *commun) for row in liste.page.rows]
    manquants = [(cle, ligne) for cle, ligne in zip(cles, liste.lignes, strict=True) if cle not in _rangs]
    neufs = tableau.cellules(
        [ligne for _cle, ligne in manquants], liste.jour, fuseau, operateur_seul=operateur_seul
    )
    gabarit = current_app.jinja_env.get_template("conventions/_ligne.html")
    rendus = {
        cle: Markup(gabarit.render(c=cellules, modifie=modifie))  # noqa: S704  (escaped by the template)
        for (cle, _ligne), cellules in zip(manquants, neufs, strict=True)
    }
    page = Markup("").join(rendus.get(cle) or _rangs[cle] for cle in cles)
    _rangs.update(rendus)
    while len(_rangs) > RANGS:
        _rangs.popitem(last=False)
    return page


def formulaire(filtres: Filtres, siaos: filtrage.Choix, nombre: int) -> Markup:
    """Return the form of filters; `nombre`: how many are active."""
    return _formulaire(str(get_locale()), filtres, tuple(siaos), nombre)


@lru_cache(maxsize=200)
def _formulaire(_langue: str, filtres: Filtres, siaos: tuple[tuple[str, str], ...], nombre: int) -> Markup:
    return Markup(  # noqa: S704  (escaped by the template)
        render_template(
            "conventions/_filtres.html",
            filtres=filtres,
            choix=filtrage.choix(filtres, list(siaos)),
            nombre=nombre,
        )
    )
