"""Filling one section at a time: saved as one goes by a small script, or with a button."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.grilles.calculs import Parametres
from portal.grilles.contenu import Grille, Section
from portal.grilles.menages.policies import Vise
from portal.grilles.remplissage import queries, service
from portal.grilles.remplissage.calculer import surfaces
from portal.grilles.remplissage.enums import LU
from portal.grilles.remplissage.saisie import champs_saisis, lire, lire_section, mots_a_relire, nom
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.context import clock, db
from portal.web.filters import show_datetime
from portal.web.forms import domain_message, read_version
from portal.web.guards import requires
from portal.web.menages.commun import lire as lire_menage
from portal.web.menages.commun import noter_lecture
from portal.web.remplissage import champs
from portal.web.remplissage.affichage import expliquer, texte
from portal.web.remplissage.blueprint import bp
from portal.web.remplissage.commun import (
    adresse_grille,
    adresse_section,
    brouillon,
    calculees,
    charges,
    choisis,
    exiger_section,
    fil_grille,
    sans_lecture,
)
from portal.web.render import render_view, see_other, wants_fragment

Typees = Mapping[str, Sequence[str]]
SUITE = "fin"


@bp.get("/menages/<menage_ref>/grille/sections/<section>")
@requires(Permission.GRILLES_REMPLIR)
def section(menage_ref: str, section: str) -> Response:
    """One section of the grid being written."""
    _actor, vise = lire_menage(menage_ref, Permission.GRILLES_REMPLIR)
    draft = brouillon(vise)
    if draft is None:
        return see_other(adresse_grille(vise.menage))
    modele = queries.modele(db(), draft)
    voulue = exiger_section(modele, section)
    noter_lecture(vise.menage, LU, draft.ref)
    return _page(vise, draft, modele, voulue)


@bp.post("/menages/<menage_ref>/grille/sections/<section>")
@requires(Permission.GRILLES_REMPLIR)
def enregistrer(menage_ref: str, section: str) -> Response:
    """Save a section: what was typed stays on the page whatever happens.

    `version_vue`: who was told that somebody saved first keeps their own answers, over that version.
    """
    actor, vise = lire_menage(menage_ref, Permission.GRILLES_REMPLIR)
    typees = request.form.to_dict(flat=False)
    version = read_version(request.form.get("version_vue") or request.form.get("version"))
    confirmes = request.form.getlist("relu")
    status, refus, rival = 200, None, None
    try:
        service.enregistrer(db(), clock(), actor, vise, section, typees, confirmes=confirmes, version=version)
    except DomainErrors as error:
        status, refus = 422, error
    except DomainError as error:
        flash(domain_message(error), "alerte")  # the grid was frozen, or given up, meanwhile
        return see_other(adresse_grille(vise.menage))
    except StaleVersion as stale:
        status, rival = 409, stale.current
    draft = brouillon(vise)
    modele = queries.modele(db(), draft)
    voulue = exiger_section(modele, section)
    if status == 200 and not wants_fragment():
        flash(_("La section %(code)s est enregistrée.", code=section), "succes")
        return see_other(_suite(vise.menage, modele, request.form.get("suite", ""), section))
    return _page(vise, draft, modele, voulue, typees=typees, refus=refus, rival=rival, status=status)


def _page(
    vise: Vise,
    draft: Any,
    modele: Grille,
    voulue: Section,
    *,
    typees: Typees | None = None,
    refus: DomainErrors | None = None,
    rival: Any = None,
    status: int = 200,
) -> Response:
    """Render a section, or what a script puts back of it: `typees`, what was typed, when it was not saved."""
    row = next(row for row in draft.sections if row.section == voulue.code)
    reponses = queries.reponses(db(), draft)
    gardees = champs.enregistrees(voulue, reponses[voulue.code])
    sue = choisis(vise)
    montrees = typees if typees is not None and status != 200 else gardees
    items = _essai(voulue, montrees) if status != 200 else reponses[voulue.code]
    etat = champs.Etat(
        erreurs={error.field or "": domain_message(error) for error in refus.errors} if refus else {},
        mots=mots_a_relire(voulue, items),
        relus=queries.relus(db(), row),
    )
    return render_view(
        "remplissage/section.html",
        "remplissage/_enregistre.html",
        status=status,
        **sans_lecture(vise),
        fil=fil_grille(vise.menage, (voulue.code, "")),
        version=draft,
        modele=modele,
        section=voulue,
        ligne=row,
        saisies={une.section for une in draft.sections if une.par},
        questions=champs.questions(voulue, montrees, etat, charges(sue)),
        erreurs=etat.erreurs,
        rival=_rival(vise, voulue, rival, gardees, montrees) if rival is not None else None,
        auto="X-Automatique" in request.headers,
        parle=wants_fragment() and "X-Automatique" not in request.headers,
        autour=_autour(vise, modele, voulue),
        **_calculs(vise, modele, reponses, sue),
    )


def _calculs(vise: Vise, modele: Grille, reponses: Mapping[str, Any], sue: Parametres) -> dict[str, Any]:
    calcules = calculees(vise, modele, reponses, sue)
    return {
        "calculs": {code: expliquer(resultat) for code, resultat in calcules.items()},
        "surfaces": surfaces(reponses, sue),
    }


def _essai(section: Section, typees: Typees) -> dict[str, Any]:
    """Return what can be read of what was typed, for the words to read again."""
    try:
        return lire_section(section, typees)
    except DomainErrors:
        return {}


def _autour(vise: Vise, modele: Grille, section: Section) -> dict[str, Any]:
    """Return the sections before and after one, with where they are filled."""
    codes = [s.code for s in modele.sections]
    rang = codes.index(section.code)
    suivante = codes[rang + 1] if rang + 1 < len(codes) else ""
    return {
        "sections": [(s, adresse_section(vise.menage, s.code)) for s in modele.sections],
        "precedente": adresse_section(vise.menage, codes[rang - 1]) if rang else "",
        "code": suivante or SUITE,
        "adresse": adresse_section(vise.menage, suivante)
        if suivante
        else url_for("remplissage.relecture", menage_ref=vise.menage.ref),
        "derniere": not suivante,
    }


def _suite(menage: Any, modele: Grille, voulue: str, ici: str) -> str:
    """Return where to go once a section is saved: the one asked for, the reading, else the same."""
    if voulue == SUITE:
        return url_for("remplissage.relecture", menage_ref=menage.ref)
    codes = {s.code for s in modele.sections}
    return adresse_section(menage, voulue if voulue in codes else ici)


def _rival(vise: Vise, section: Section, row: Any, gardees: Typees, typees: Typees) -> dict[str, Any]:
    """Return the arguments of the macro `conflit`: both fillings of a section, as people read them."""
    lignes = []
    for item in section.items:
        for champ in champs_saisis(item) if item.posee else ():
            name = nom(item, champ)
            libelle = f"{item.code} – {champ.libelle or item.libelle}"
            lignes.append((libelle, _dit(champ, gardees.get(name, ())), _dit(champ, typees.get(name, ()))))
    return {
        "lignes": lignes,
        "auteur": row.par or _("Une autre personne"),
        "quand": _("le %(quand)s", quand=show_datetime(row.enregistree_le)),
        "recharger": adresse_section(vise.menage, section.code),
        "version": row.version,
    }


def _dit(champ: Any, textes: Sequence[str]) -> str:
    """Return what was typed in a field as people read it, as it is when it cannot be read."""
    try:
        lue = lire(champ, textes)
    except DomainError:
        return ", ".join(textes)
    return "" if lue is None else texte(champ, lue)
