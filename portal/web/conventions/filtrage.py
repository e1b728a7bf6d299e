"""The filters of the list as the page shows them: choices, removable marks, addresses."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from flask import request, url_for
from flask_babel import gettext as _

from portal.conventions.enums import LIBELLES_MODE, Etat
from portal.conventions.filtres import (
    LIBELLES_ECHEANCE,
    LIBELLES_ENSEMBLE,
    MOI,
    PERSONNE,
    Filtres,
)
from portal.organisations import queries as organisations
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import SIAO
from portal.security.policy import Actor
from portal.web.context import db
from portal.web.conventions import tableau
from portal.web.filters import show_date
from portal.web.organisations import nomenclatures
from portal.web.render import url_avec

Choix = list[tuple[str, str]]
SIAO_MAXIMUM = 60


def lus() -> Filtres:
    """Return the filters of the address."""
    return Filtres.lire(request.args.to_dict(flat=False))


def lus_dans(vue: str) -> Filtres:
    """Return the filters of another page's query string."""
    return Filtres.lire(parse_qs(vue[:2000]))


def siaos(actor: Actor) -> Choix:
    """Return the SIAO to choose from; none for a SIAO, which sees its own lines only."""
    if actor.profil in SIAO:
        return []
    trouves = organisations.suggestions(db(), actor, "", types=[TypeOrganisation.SIAO], limit=SIAO_MAXIMUM)
    return [(row.ref, row.nom) for row in trouves]


def choix(filtres: Filtres, siao: Choix) -> dict[str, Any]:
    """Return what the form of filters offers."""
    mots = tableau.mots()
    return {
        "etats": [(etat.value, mots.etats[etat], etat in filtres.etats) for etat in Etat],
        "natures": nomenclatures.nature_choices(),
        "siaos": siao if len(siao) > 1 else [],
        "modes": [(mode.value, _(texte)) for mode, texte in LIBELLES_MODE.items()],
        "echeances": [(e.value, _(texte)) for e, texte in LIBELLES_ECHEANCE.items()],
        "responsables": [(MOI, _("Moi")), (PERSONNE, _("Personne"))],
        "cases": [
            ("retard", _("En retard"), filtres.en_retard),
            ("a_renouveler", _("À renouveler"), filtres.a_renouveler),
            ("a_recopier", _("À recopier dans le SI SIAO"), filtres.a_recopier),
        ],
    }


def puces(filtres: Filtres, siao: Choix) -> list[tuple[str, str, str]]:
    """Return the active filters as (label, value, address without it)."""
    mots, noms = tableau.mots(), dict(siao)
    oui: Callable[[Any], str] = lambda _valeur: _("oui")  # noqa: E731  (one of a table of formats)
    montres: list[tuple[str, str, Any, Callable[[Any], str]]] = [
        ("q", _("Texte"), filtres.texte, str),
        *(("etat", _("État"), etat, mots.etats.__getitem__) for etat in Etat if etat in filtres.etats),
        *(
            ("nature", _("Nature"), code, lambda c: mots.natures.get(c, c))
            for code in sorted(filtres.natures)
        ),
        ("siao", _("SIAO"), filtres.siao, lambda ref: noms.get(ref, "…")),
        ("operateur", _("Opérateur"), filtres.operateur, lambda _ref: _("un seul")),
        ("departement", _("Département"), filtres.departement, str),
        ("mode", _("Mode"), filtres.mode, mots.modes.__getitem__),
        ("echeance", _("Échéance"), filtres.echeance, lambda e: _(LIBELLES_ECHEANCE[e])),
        ("du", _("À partir du"), filtres.du, show_date),
        ("au", _("Jusqu’au"), filtres.au, show_date),
        ("retard", _("En retard"), filtres.en_retard, oui),
        ("a_renouveler", _("À renouveler"), filtres.a_renouveler, oui),
        ("a_recopier", _("À recopier"), filtres.a_recopier, oui),
        ("responsable", _("En charge"), filtres.responsable, _responsable),
        ("ensemble", _("Ensemble"), filtres.ensemble, lambda e: _(LIBELLES_ENSEMBLE[e])),
    ]
    return [(nom, texte(valeur), _sans(cle, valeur)) for cle, nom, valeur, texte in montres if valeur]


def _responsable(qui: str) -> str:
    return {MOI: _("moi"), PERSONNE: _("personne")}.get(qui, "…")


def _sans(cle: str, valeur: Any) -> str:
    """Return the address of the list without one filter, or without one value of a filter of many."""
    gardes = None
    if cle in {"etat", "nature"}:
        retiree = valeur.value if isinstance(valeur, Etat) else valeur
        gardes = [autre for autre in request.args.getlist(cle) if autre != retiree]
    return url_avec(**{cle: gardes, "curseur": None})


def adresse(endpoint: str, filtres: Filtres) -> str:
    """Return the address of another page on the same choice of lines."""
    return url_for(endpoint, **filtres.args())
