"""The dashboard of freshness: figures by territory and kind of organisation, and the entries behind each."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from portal.annuaire import fraicheur
from portal.annuaire.absentes import compter_absentes, lister_absentes
from portal.annuaire.enums import LIBELLES_SITUATION, Situation
from portal.annuaire.fraicheur import MAILLES, PARTOUT, Compte, Coupe
from portal.annuaire.nomenclatures import fonctions
from portal.annuaire.service import Place
from portal.organisations.enums import LIBELLES_TYPE
from portal.organisations.referentiel import LIBELLES_MAILLE, Lieu, Maille, territoires_de
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.text import sort_key
from portal.web.annuaire import commun
from portal.web.annuaire.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.filtres import TYPES, cursor, flag, text
from portal.web.render import render_view

PAR = {maille.value: maille for maille in MAILLES}
SITUATIONS = {one.value: one for one in Situation}


@bp.get("/fraicheur")
@requires(Permission.ANNUAIRE_SUIVRE)
def tableau() -> Response:
    """Where the directory stands: to whoever looks after a département, or after its own organisation."""
    actor, coupe = current_actor(), _coupe()
    cadre = fraicheur.cadre(db(), clock(), actor)
    lu = fraicheur.compter(db(), cadre, coupe)
    noms = _noms(coupe.maille)
    departements = dict(nomenclatures.departement_choices(actor.departements))
    parts = [
        (
            _("Par département"),
            [
                (departements.get(code, code), compte, {"departement": code})
                for code, compte in sorted(lu.departements.items())
            ]
            if len(lu.departements) > 1
            else [],
        ),
        (
            _("Par arrondissement") if coupe.maille is Maille.ARRONDISSEMENT else _("Par intercommunalité"),
            sorted(
                (
                    (noms.get(code, code), compte, {"lieu": code})
                    for code, compte in lu.territoires.items()
                    if code != PARTOUT
                ),
                key=lambda ligne: sort_key(ligne[0]),
            )
            + [
                (_large(coupe.maille), compte, {"lieu": PARTOUT})
                for code, compte in lu.territoires.items()
                if code == PARTOUT
            ],
        ),
        (
            _("Par type d’organisation"),
            [
                (_(label), lu.types[kind], {"type": kind.value})
                for kind, label in LIBELLES_TYPE.items()
                if kind in lu.types
            ],
        ),
    ]
    return render_view(
        "annuaire/fraicheur.html",
        fil=[(_("Annuaire"), url_for("annuaire.liste")), (_("Vérification"), "")],
        total=lu.total,
        parts=[(titre, _lignes(lignes)) for titre, lignes in parts if lignes],
        absentes=[
            (
                fonctions()[code].libelle.en_langue(commun.langue()),
                nombre,
                _adresse("annuaire.absentes", fonction=code),
            )
            for code, nombre in compter_absentes(db(), cadre, coupe).items()
        ],
        situations=[(one, _(LIBELLES_SITUATION[one])) for one in Situation],
        lien=_lien,
        mailles=[(maille, _(LIBELLES_MAILLE[maille]), _vue(par=maille.value)) for maille in MAILLES],
        coupe=coupe,
        departements=departements,
        vue=_vue,
        propre=actor.profil not in fraicheur.TERRITORIAUX,
        modere=can(actor, Permission.ANNUAIRE_MODERER),
    )


@bp.get("/fraicheur/fiches")
@requires(Permission.ANNUAIRE_SUIVRE)
def fiches() -> Response:
    """The entries behind one figure."""
    actor, coupe = current_actor(), _coupe()
    cadre = fraicheur.cadre(db(), clock(), actor)
    lignes, page = fraicheur.ouvrir(db(), cadre, coupe, cursor())
    return render_view(
        "annuaire/fraicheur_fiches.html",
        fil=[
            (_("Annuaire"), url_for("annuaire.liste")),
            (_("Vérification"), _vue()),
            (_("Fiches"), ""),
        ],
        lignes=lignes,
        page=page,
        titre=" · ".join(filter(None, _titre(coupe))),
        fonctions=commun.fonctions(actor.departements),
        retour=_vue(),
    )


@bp.get("/fraicheur/absentes")
@requires(Permission.ANNUAIRE_SUIVRE)
def absentes() -> Response:
    """The organisations that opened no function of a kind that is expected of them."""
    actor, coupe, code = current_actor(), _coupe(), text("fonction", 40)
    cadre = fraicheur.cadre(db(), clock(), actor)
    lignes, page = lister_absentes(db(), cadre, coupe, code, cursor())
    nom = commun.libelle_fonction(code)
    return render_view(
        "annuaire/fraicheur_absentes.html",
        fil=[
            (_("Annuaire"), url_for("annuaire.liste")),
            (_("Vérification"), _vue()),
            (nom or _("Sans fiche"), ""),
        ],
        fonction=nom,
        lignes=[
            (
                one,
                can(actor, Permission.ANNUAIRE_MODIFIER, Place(one.organisation_id, one.departement_code)),
            )
            for one in lignes
        ],
        page=page,
        retour=_vue(),
    )


def _coupe() -> Coupe:
    """Return what the address asks to look at; anything else than one of ours is left aside."""
    return Coupe(
        departement_code=text("departement", 3),
        maille=PAR.get(text("par"), Maille.EPCI),
        lieu=text("lieu", 30),
        type=TYPES.get(text("type")),
        situation=SITUATIONS.get(text("situation")),
        siennes=flag("siennes"),
        signalees=flag("signalees"),
        anciennes=flag("anciennes"),
    )


def _lignes(lignes: list[tuple[str, Compte, dict[str, str]]]) -> list[dict[str, Any]]:
    return [
        {
            "nom": nom,
            "total": compte.total,
            "nombres": [(one, compte.nombres[one], _lien(one, **args)) for one in Situation],
        }
        for nom, compte, args in lignes
    ]


def _lien(situation: Situation, **args: str) -> str:
    """Return the address of the entries behind a figure."""
    return _adresse("annuaire.fiches", situation=situation.value, **args)


def _adresse(endpoint: str, **args: str) -> str:
    """Return the address of what is behind a figure, in the same cut."""
    values: dict[str, Any] = _gardes() | args
    return url_for(endpoint, **values)


def _vue(**args: str) -> str:
    """Return the address of the dashboard, as it is looked at but for some of its choices."""
    values: dict[str, Any] = {name: value for name, value in (_gardes() | args).items() if value}
    return url_for("annuaire.tableau", **values)


def _gardes() -> dict[str, str]:
    return {
        name: value
        for name in ("departement", "par", "type")
        if (value := request.args.get(name, "").strip()[:40])
    }


def _titre(coupe: Coupe) -> tuple[str, ...]:
    actor = current_actor()
    departements = dict(nomenclatures.departement_choices(actor.departements))
    lieu = ""
    if coupe.lieu:
        lieu = _large(coupe.maille) if coupe.lieu == PARTOUT else _noms(coupe.maille).get(coupe.lieu, "")
    return (
        _quoi(coupe),
        _("Votre organisation") if coupe.siennes else "",
        lieu,
        _(LIBELLES_TYPE[coupe.type]) if coupe.type else "",
        departements.get(coupe.departement_code, "") if coupe.departement_code else "",
    )


def _quoi(coupe: Coupe) -> str:
    """Say what the entries behind a figure have in common."""
    if coupe.signalees:
        return _("Erreurs signalées")
    if coupe.anciennes:
        return _("Fiches qui ne sont plus vérifiées")
    return _(LIBELLES_SITUATION[coupe.situation]) if coupe.situation else _("Toutes les fiches")


def _large(maille: Maille) -> str:
    """Name what stands in no territory of this kind."""
    if maille is Maille.ARRONDISSEMENT:
        return _("Tout le département")
    return _("Tout le département ou un arrondissement")


def _noms(maille: Maille) -> dict[str, str]:
    """Return the names of the territories of the reader's départements, by code."""
    found = territoires_de(db(), current_actor().departements)[maille]
    lieux = ((Lieu.lire(adresse), nom) for adresse, nom in found)
    return {lieu.code: nom for lieu, nom in lieux if lieu is not None}
