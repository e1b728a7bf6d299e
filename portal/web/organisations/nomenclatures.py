"""Labels of the nomenclatures in the reader's language, without asking the database at each page.

Reference data only changes with the code: it is read once per process.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

from flask import current_app
from flask_babel import get_locale, gettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.organisations import referentiel
from portal.organisations.enums import LIBELLES_FAMILLE, LIBELLES_TYPE, FamilleNature, TypeOrganisation
from portal.organisations.natures import Libelle, categories_l345_2_6, read_toml, types_place
from portal.web.context import db

Choices = list[tuple[str, str]]

# Natures that a category leaves in doubt, proposed first: 257 reads « résidence sociale ou non ».
DOUBTS = {"257": ("RS_FJT", "FJT_NT"), "219": ("CHU", "INS_AUTRE", "STAB_HORS", "AUTRE_URG")}


def options(choices: Iterable[tuple[Any, str]], first: str = "") -> list[SelectChoice]:
    """Return choices as a select takes them, after an empty one saying `first` when given."""
    empty = [SelectChoice("", first)] if first else []
    return empty + [SelectChoice(value, label) for value, label in choices]


def departements() -> dict[str, str]:
    """Return the name of every département, by code."""
    known = current_app.extensions.get("portail_departements")
    if known is None:
        known = {row.code: row.nom for row in referentiel.departements(db())}
        current_app.extensions["portail_departements"] = known
    return cast(dict[str, str], known)


def departement_choices(codes: tuple[str, ...] | None = None) -> Choices:
    """Return the choices « 22 – Côtes-d’Armor » of some départements (None: all)."""
    names = departements()
    return [
        (code, f"{code} – {names[code]}") for code in (names if codes is None else codes) if code in names
    ]


def type_options(kinds: Iterable[TypeOrganisation]) -> list[SelectChoice]:
    """Return types of organisation as a select takes them."""
    return options(((kind.value, gettext(LIBELLES_TYPE[kind])) for kind in kinds), gettext("Choisir un type"))


def natures() -> dict[str, str]:
    """Return the label of every nature de dispositif, by code."""
    return {code: label.en_langue(_langue()) for code, (label, _famille) in _natures().items()}


def natures_courtes() -> dict[str, str]:
    """Return how lists name every nature de dispositif, by code: « CHRS insertion », « ALT »."""
    return {
        row["code"]: Libelle(
            row.get("court", row["libelle"]), row.get("court_en", row["libelle_en"])
        ).en_langue(_langue())
        for row in read_toml("natures")
    }


def nature_choices() -> dict[str, Choices]:
    """Return the natures grouped by family, as the groups of a select."""
    groups: dict[str, Choices] = {}
    for code, (label, famille) in _natures().items():
        group = gettext(LIBELLES_FAMILLE[famille])
        groups.setdefault(group, []).append((code, label.en_langue(_langue())))
    return groups


def nature_choices_for(categorie_finess: str | None) -> dict[str, Choices]:
    """Return the natures grouped by family, after those that the FINESS category makes likely."""
    likely = [(code, natures()[code]) for code in DOUBTS.get(categorie_finess or "", ())]
    return ({gettext("Les plus probables"): likely} if likely else {}) | nature_choices()


def type_place_choices() -> Choices:
    """Return the types of place."""
    return [(code, label.en_langue(_langue())) for code, label in types_place().items()]


def categorie_choices() -> list[tuple[int, str]]:
    """Return the categories of art. L. 345-2-6 CASF: « 5. Logements-foyers »."""
    return [
        (number, f"{number}. {label.en_langue(_langue())}") for number, label in categories_l345_2_6().items()
    ]


@cache
def categories_finess() -> dict[str, str]:
    """Return the label of the FINESS categories of our field, by code (official French wording)."""
    return {row["code"]: row["libelle"] for row in read_toml("categories_finess")}


@cache
def _natures() -> dict[str, tuple[Libelle, FamilleNature]]:
    return {
        row["code"]: (Libelle(row["libelle"], row["libelle_en"]), FamilleNature(row["famille"]))
        for row in read_toml("natures")
    }


def _langue() -> str:
    return str(get_locale())
