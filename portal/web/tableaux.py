"""The page that says which column of an imported table is which."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, cast

from flask import Response, url_for
from flask_babel import gettext as _
from wtforms import SelectField

from portal.jobs.tableaux import Depot
from portal.shared.errors import DomainError
from portal.web.forms import Formulaire, _l
from portal.web.render import render_view, see_other

ENVOI_MAXIMUM = 64 * 1024 * 1024  # bytes received, so that too big a file is refused next to its field
EXEMPLE_MAXIMUM = 28  # characters of a sample in a choice


def page_colonnes(
    donne: Depot[Any],
    libelles: Mapping[Any, str],
    fil: list[tuple[str, str]],
    demander: Callable[[dict[Any, int]], Any],
) -> Response:
    """Show the columns of a file, then ask for its preview and lead to it.

    `libelles`: what a column may say; `demander`: asks for the preview of the columns chosen, returns its
    job, raises DomainError.
    """
    form = form_colonnes(donne, libelles)
    if form.validate_on_submit():
        try:
            apercu = demander(choisies(form, libelles))
        except DomainError as error:
            form.refuse(error)
        else:
            return see_other(url_for(".import_suivre", travail_ref=apercu.ref))
    return render_view(
        "components/import_colonnes.html",
        status=422 if form.errors else 200,
        fil=fil,
        form=form,
        champs=list(libelles),
        donne=donne,
    )


def form_colonnes(donne: Depot[Any], libelles: Mapping[Any, str]) -> Formulaire:
    """Return the form of the columns of a file, those recognised already chosen.

    `libelles`: what a column may say; the fields are named after it.
    """
    champs = {champ.value: SelectField(_l(libelle)) for champ, libelle in libelles.items()}
    classe = type("FormColonnes", (Formulaire,), champs)
    form = classe(data={champ.value: str(donne.colonnes.get(champ, "")) for champ in libelles})
    titres = [(str(index), _colonne(donne, index)) for index in range(len(donne.entetes))]
    for nom in champs:
        cast(SelectField, form[nom]).choices = [("", _("Absente du fichier")), *titres]
    return cast(Formulaire, form)


def choisies(form: Formulaire, libelles: Mapping[Any, str]) -> dict[Any, int]:
    """Return the columns chosen."""
    champs: list[Enum] = list(libelles)
    return {champ: int(form[champ.value].data) for champ in champs if form[champ.value].data}


def _colonne(donne: Depot[Any], index: int) -> str:
    """Return the title of a column, then what it holds in the first lines."""
    valeurs = (ligne[index] for ligne in donne.exemples)
    exemples = [texte[:EXEMPLE_MAXIMUM] for texte in dict.fromkeys(valeurs) if texte]
    return donne.entetes[index] + (f" ({' ; '.join(exemples)})" if exemples else "")
