"""The acts on one line: each has its own small page, which the page of the line opens in a dialog.

One handler serves them all (`tenir`): find the line (404), check the right (403), show the form, call the
service, put its refusals next to the fields (422), show both versions when someone saved first (409).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions import fiche as fiches
from portal.conventions.fiche import Fiche
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.conventions.blueprint import bp
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.render import render_view, see_other


@dataclass(frozen=True)
class Contexte:
    """What an act is made on. `vers`: the transition or the party that the address names."""

    fiche: Fiche
    actor: Actor
    jour: date
    vers: str = ""

    @property
    def ligne(self) -> Any:
        """The line itself."""
        return self.fiche.convention


@dataclass(frozen=True)
class Acte:
    """An act: its address, its words, its form, what it does.

    `texte` says what will happen; `ouvrir` returns the form filled with what is stored (`formdata=None`
    leaves out what was typed); `agir` calls the service with the form (the line it returns is shown next);
    `possible` tells whether the state of the line allows it (rights apart).
    """

    nom: str
    chemin: str
    permission: Permission
    titre: Callable[[Contexte], str]
    texte: Callable[[Contexte], str]
    bouton: Callable[[Contexte], str]
    succes: Callable[[Contexte], str]
    possible: Callable[[Contexte], bool]
    ouvrir: Callable[..., Formulaire]
    agir: Callable[[Contexte, Any], Any]
    ton: str = "principal"
    parametre: str = ""  # the part of the address that `vers` holds
    gabarit: str = "conventions/acte.html"
    fragment: str = "conventions/_acte.html"

    def adresse(self, contexte: Contexte) -> str:
        """Return the address of the act on this line."""
        valeurs = {"convention_ref": contexte.ligne.ref}
        if self.parametre:
            valeurs[self.parametre] = contexte.vers
        return url_for(f"conventions.{self.nom}", **valeurs)

    def ouvert(self, contexte: Contexte) -> bool:
        """Tell whether the actor may do it now."""
        return can(contexte.actor, self.permission, contexte.ligne) and self.possible(contexte)


def contexte_de(convention_ref: str, vers: str = "") -> Contexte:
    """Return the context of an act; raises NotVisible before anything else is looked at."""
    actor = current_actor()
    fiche = fiches.fiche(db(), clock(), actor, convention_ref)
    return Contexte(fiche, actor, fiche.jour, vers)


def retour(contexte: Contexte) -> str:
    """Return the address of the line's page."""
    return url_for("conventions.detail", convention_ref=contexte.ligne.ref)


def tenir(acte: Acte, convention_ref: str, vers: str = "") -> Response:
    """Serve an act: its page, and what it does."""
    contexte = contexte_de(convention_ref, vers)
    if not can(contexte.actor, acte.permission, contexte.ligne):
        raise Forbidden(acte.permission.value)
    if request.method == "GET" and not acte.possible(contexte):
        return render_view(
            "conventions/impossible.html",
            "conventions/_impossible.html",
            status=409,
            fil=fil(contexte, acte.titre(contexte)),
            titre=acte.titre(contexte),
            contexte=contexte,
            retour=retour(contexte),
        )
    form, rival = acte.ouvrir(contexte), None
    if form.validate_on_submit():
        try:
            fait = acte.agir(contexte, form)
        except StaleVersion:
            contexte, rival = _rival(acte, contexte, form)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(acte.succes(contexte), "succes")
            ref = getattr(fait, "ref", contexte.ligne.ref)
            return see_other(url_for("conventions.detail", convention_ref=ref))
    return page(acte, contexte, form, rival)


def page(acte: Acte, contexte: Contexte, form: Formulaire, rival: dict[str, Any] | None) -> Response:
    """Return the page of an act, with its errors or with both versions."""
    return render_view(
        acte.gabarit,
        acte.fragment,
        status=409 if rival else (422 if form.errors else 200),
        fil=fil(contexte, acte.titre(contexte)),
        acte=acte,
        contexte=contexte,
        form=form,
        rival=rival,
        titre=acte.titre(contexte),
        texte=acte.texte(contexte),
        bouton=acte.bouton(contexte),
        action=acte.adresse(contexte),
        annuler=retour(contexte),
    )


def _rival(acte: Acte, contexte: Contexte, form: Formulaire) -> tuple[Contexte, dict[str, Any]]:
    """Return the line as someone else saved it, and both versions side by side."""
    db().rollback()
    db().expire_all()
    neuf = contexte_de(contexte.ligne.ref, contexte.vers)
    montre = conflict(neuf.ligne, acte.ouvrir(neuf, formdata=None), form, retour(neuf))
    etat = _libelle_etat(neuf)
    montre["lignes"] = [(_("État"), etat, etat), *montre["lignes"]]
    return neuf, montre


def _libelle_etat(contexte: Contexte) -> str:
    return tableau.mots().etats[contexte.fiche.etat]


def fil(contexte: Contexte, *suite: str) -> list[tuple[str, str]]:
    """Return the breadcrumb of a line's page and of what is under it."""
    ligne = contexte.ligne
    return [
        (_("Suivi des conventions"), url_for("conventions.liste")),
        (ligne.operateur.nom, retour(contexte) if suite else ""),
        *((texte, "") for texte in suite),
    ]


def inscrire(actes: tuple[Acte, ...]) -> None:
    """Give each act its route, guarded by its permission."""
    for acte in actes:
        bp.add_url_rule(
            f"/<convention_ref>/{acte.chemin}",
            endpoint=acte.nom,
            view_func=requires(acte.permission)(_vue(acte)),
            methods=["GET", "POST"],
        )


def _vue(acte: Acte) -> Callable[..., Response]:
    def vue(convention_ref: str, **parametres: str) -> Response:
        return tenir(acte, convention_ref, parametres.get(acte.parametre, ""))

    vue.__name__, vue.__doc__ = acte.nom, f"« {acte.nom} » on one line."
    return vue
