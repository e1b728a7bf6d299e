"""The form that says which column of an imported table is which."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from flask_babel import gettext as _
from wtforms import SelectField

from portal.jobs.tableaux import Depot
from portal.web.forms import Formulaire, _l

EXEMPLE_MAXIMUM = 28  # characters of a sample in a choice


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
