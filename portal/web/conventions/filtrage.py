"""The filters of the list as the page shows them: choices, removable marks, addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.conventions.enums import LIBELLES_MODE, Etat
from portal.conventions.filtres import (
    LIBELLES_ECHEANCE,
    LIBELLES_ENSEMBLE,
    MOI,
    PERSONNE,
    SANS_NATURE,
    Filtres,
)
from portal.organisations import queries as organisations
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import SIAO
from portal.security.policy import Actor
from portal.web.context import database, db
from portal.web.conventions import tableau
from portal.web.filters import show_date
from portal.web.organisations import nomenclatures

Choix = list[tuple[str, str]]
Puce = tuple[str, str, str]
SIAO_MAXIMUM = 60
SIAO_SECONDES = 60
ACTEURS = 500


def lus() -> Filtres:
    """Return the filters of the address."""
    return _lire(request.query_string.decode())


@lru_cache(maxsize=200)
def _lire(vue: str) -> Filtres:
    return Filtres.lire(parse_qs(vue))


@dataclass(frozen=True)
class _Lus:
    """SIAO read at an instant (seconds of the process's clock)."""

    quand: float
    choix: Choix


_siaos: dict[tuple[str, int, str], _Lus] = {}


def siaos(actor: Actor) -> Choix:
    """Return the SIAO to choose from; none for a SIAO, which sees its own lines only.

    Read again after a minute: a SIAO opens once in years, and the list is shown all day.
    """
    if actor.profil in SIAO:
        return []
    cle = (str(database().url), actor.adhesion_id, actor.profil.value)
    lus = _siaos.get(cle)
    if lus is None or monotonic() - lus.quand > SIAO_SECONDES:
        trouves = organisations.suggestions(
            db(), actor, "", types=[TypeOrganisation.SIAO], limit=SIAO_MAXIMUM
        )
        if len(_siaos) > ACTEURS:
            _siaos.clear()
        lus = _siaos[cle] = _Lus(monotonic(), [(row.ref, row.nom) for row in trouves])
    return lus.choix


def choix(filtres: Filtres, siao: Choix) -> dict[str, Any]:
    """Return what the form of filters offers."""
    mots = tableau.mots()
    return {
        "etats": [(etat.value, mots.etats[etat], etat in filtres.etats) for etat in Etat],
        "natures": _natures(filtres),
        "siaos": siao if len(siao) > 1 else [],
        "modes": [(mode.value, _(texte)) for mode, texte in LIBELLES_MODE.items()],
        "echeances": [(e.value, _(texte)) for e, texte in LIBELLES_ECHEANCE.items()],
        "responsables": [(MOI, _("Moi")), (PERSONNE, _("Personne pour l’instant"))],
        "cases": [
            ("retard", _("En retard"), filtres.en_retard),
            ("a_renouveler", _("À renouveler"), filtres.a_renouveler),
            ("a_recopier", _("À recopier dans le SI SIAO"), filtres.a_recopier),
        ],
    }


def _natures(filtres: Filtres) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return the natures by family: (code, label, ticked), then the lines that name none."""
    familles = [
        *nomenclatures.nature_choices().items(),
        (_("Autres"), [(SANS_NATURE, _("Sans nature indiquée"))]),
    ]
    return [
        (famille, [(code, texte, code in filtres.natures) for code, texte in natures])
        for famille, natures in familles
    ]


def puces(filtres: Filtres, siao: Choix) -> list[Puce]:
    """Return the active filters as (label, value, address without it)."""
    return _puces(str(get_locale()), filtres, tuple(siao)) if filtres.actifs else []


@lru_cache(maxsize=200)
def _puces(_langue: str, filtres: Filtres, siao: tuple[tuple[str, str], ...]) -> list[Puce]:
    mots, noms = tableau.mots(), dict(siao)
    montres: list[tuple[str, str, Any, str]] = [
        ("q", _("Texte"), filtres.texte, filtres.texte),
        *(("etat", _("État"), etat.value, mots.etats[etat]) for etat in Etat if etat in filtres.etats),
        *(("nature", _("Nature"), code, _nature(code)) for code in sorted(filtres.natures)),
        ("siao", _("SIAO"), filtres.siao, noms.get(filtres.siao, "…")),
        ("operateur", _("Opérateur"), filtres.operateur, _("un seul")),
        ("departement", _("Département"), filtres.departement, filtres.departement),
        ("mode", _("Mode"), filtres.mode, mots.modes[filtres.mode]),
        ("echeance", _("Échéance"), filtres.echeance, _libelle(LIBELLES_ECHEANCE, filtres.echeance)),
        ("du", _("À partir du"), filtres.du, show_date(filtres.du)),
        ("au", _("Jusqu’au"), filtres.au, show_date(filtres.au)),
        ("retard", _("En retard"), filtres.en_retard, _("oui")),
        ("a_renouveler", _("À renouveler"), filtres.a_renouveler, _("oui")),
        ("a_recopier", _("À recopier"), filtres.a_recopier, _("oui")),
        ("a_classer", _("Classement à confirmer"), filtres.a_classer, _("oui")),
        ("bilan", _("Bilan à établir"), filtres.bilan, _("oui")),
        ("version_anterieure", _("Version départementale antérieure"), filtres.version_anterieure, _("oui")),
        ("responsable", _("En charge"), filtres.responsable, _responsable(filtres.responsable)),
        (
            "signee_au",
            _("Première signature au plus tard le"),
            filtres.signee_au,
            show_date(filtres.signee_au),
        ),
        ("ensemble", _("Ensemble"), filtres.ensemble, _libelle(LIBELLES_ENSEMBLE, filtres.ensemble)),
    ]
    args = filtres.args()
    return [(nom, texte, _sans(args, cle, valeur)) for cle, nom, valeur, texte in montres if valeur]


def _libelle(libelles: Mapping[Any, str], valeur: Any) -> str:
    return _(libelles[valeur]) if valeur else ""


def _nature(code: str) -> str:
    return _("aucune") if code == SANS_NATURE else tableau.mots().natures.get(code, code)


def _responsable(qui: str) -> str:
    return {MOI: _("moi"), PERSONNE: _("personne")}.get(qui, "…")


def _sans(args: dict[str, Any], cle: str, valeur: Any) -> str:
    """Return the address of the list without one filter, or without one value of a filter of many."""
    reste = {nom: autre for nom, autre in args.items() if nom != cle}
    if isinstance(args[cle], list) and len(args[cle]) > 1:
        reste[cle] = [autre for autre in args[cle] if autre != valeur]
    return url_for("conventions.liste", **reste)


def adresse(endpoint: str, filtres: Filtres) -> str:
    """Return the address of another page on the same choice of lines."""
    return url_for(endpoint, **filtres.args())
