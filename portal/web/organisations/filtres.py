"""Filters of the lists, read from the address and shown back as removable marks."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.organisations import queries_structures
from portal.organisations.enums import LIBELLES_TYPE, TypeOrganisation
from portal.organisations.queries import FiltreOrganisations
from portal.organisations.queries_structures import FiltreStructures
from portal.organisations.referentiel import LIBELLES_MAILLE, Lieu
from portal.shared.pagination import Cursor
from portal.web.context import current_actor, db
from portal.web.organisations import nomenclatures
from portal.web.render import url_avec

Territoires = dict[str, list[tuple[str, str]]]  # by kind: (address, name)

TYPES = {kind.value: kind for kind in TypeOrganisation}
SORTS = frozenset({"nom", "-nom", "departement", "-departement"})


def text(name: str, maximum: int = 100) -> str:
    """Return a text of the query string, cut to a reasonable length."""
    return request.args.get(name, "").strip()[:maximum]


def flag(name: str) -> bool:
    """Tell whether a check box of the query string is ticked."""
    return bool(request.args.get(name))


def cursor() -> Cursor | None:
    """Return the page asked for."""
    return Cursor.decode(request.args.get("curseur"))


def sort() -> str:
    """Return the sort asked for, by name when it is none of ours."""
    asked = request.args.get("tri", "nom")
    return asked if asked in SORTS else "nom"


def organisations() -> FiltreOrganisations:
    """Return the filter of the list of organisations."""
    return FiltreOrganisations(
        texte=text("q"),
        type=TYPES.get(text("type")),
        departement_code=text("departement", 3),
        nature_code=text("nature", 20),
        lieu=Lieu.lire(text("territoire", 30)),
        categorie=_number("categorie"),
        a_completer=flag("a_completer"),
        fermees=flag("fermees"),
    )


def structures(organisation_id: int | None = None, *, a_qualifier: bool = False) -> FiltreStructures:
    """Return the filter of the list of structures."""
    return FiltreStructures(
        texte=text("q"),
        departement_code=text("departement", 3),
        nature_code=text("nature", 20),
        lieu=Lieu.lire(text("territoire", 30)),
        categorie_finess=text("categorie_finess", 4),
        organisation_id=organisation_id,
        a_qualifier=a_qualifier,
        fermees=flag("fermees"),
    )


def territoires() -> Territoires:
    """Return the territories to choose from, by kind: those where the reader sees structures."""
    return {
        _(LIBELLES_MAILLE[maille]): choix
        for maille, choix in queries_structures.territoires(db(), current_actor()).items()
    }


def puces(
    filtre: FiltreOrganisations | FiltreStructures, territoires: Territoires
) -> list[tuple[str, str, str]]:
    """Return the active filters as (label, value, address without it)."""
    lieux = dict(chain.from_iterable(territoires.values()))
    shown: list[tuple[str, str, Any, Callable[[Any], str]]] = [
        ("q", _("Texte"), filtre.texte, str),
        (
            "departement",
            _("Département"),
            filtre.departement_code,
            lambda c: nomenclatures.departements().get(c, c),
        ),
        ("nature", _("Nature"), filtre.nature_code, lambda c: nomenclatures.natures().get(c, c)),
        ("territoire", _("Territoire"), filtre.lieu, lambda lieu: lieux.get(str(lieu), lieu.code)),
        ("fermees", _("Fermées"), filtre.fermees, _included),
    ]
    if isinstance(filtre, FiltreOrganisations):
        categories = dict(nomenclatures.categorie_choices())
        shown += [
            ("type", _("Type"), filtre.type, lambda kind: _(LIBELLES_TYPE[kind])),
            ("categorie", _("Catégorie"), filtre.categorie, lambda n: categories.get(n, str(n))),
            ("a_completer", _("À compléter"), filtre.a_completer, _only),
        ]
    else:
        finess = nomenclatures.categories_finess()
        shown.append(
            ("categorie_finess", _("Catégorie FINESS"), filtre.categorie_finess, lambda c: finess.get(c, c))
        )
    return [
        (label, words(value), url_avec(**{name: None, "curseur": None}))
        for name, label, value, words in shown
        if value
    ]


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 3 else None


def _included(_value: bool) -> str:
    return str(_("comprises"))


def _only(_value: bool) -> str:
    return str(_("seulement"))
