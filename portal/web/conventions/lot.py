"""Acts on many lines chosen in the list: the address names them, one form changes them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions import fiche as fiches
from portal.conventions import service
from portal.conventions.lignes import Ligne
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.conventions.blueprint import bp
from portal.web.conventions.contenu import choix_responsables
from portal.web.conventions.forms import FormActe, FormCible, FormConfier
from portal.web.forms import Formulaire
from portal.web.guards import local_target, requires
from portal.web.render import render_view, see_other


@dataclass(frozen=True)
class Lot:
    """An act on many lines: its words, its form, what it does (returns how many lines changed)."""

    nom: str
    titre: Callable[[], str]
    texte: Callable[[], str]
    bouton: Callable[[], str]
    ouvrir: Callable[[Actor, list[str]], Formulaire]
    agir: Callable[[Actor, list[str], Any], int]


def _confier(actor: Actor, refs: list[str]) -> Formulaire:
    form = FormConfier()
    form.responsable.choices = choix_responsables(refs, actor)
    return form


LOT_CIBLE = Lot(
    nom="lot_cible",
    titre=lambda: _("Déplacer la date cible"),
    texte=lambda: _(
        "L’échéance nationale du 31/12/2026 ne bouge pas : le retard continue d’être compté contre elle."
    ),
    bouton=lambda: _("Déplacer la date cible"),
    ouvrir=lambda actor, refs: FormCible(),
    agir=lambda actor, refs, form: service.deplacer_cible(
        db(), clock(), actor, refs, nouvelle=form.date_cible.data, motif=form.motif.data
    ),
)
LOT_RESPONSABLE = Lot(
    nom="lot_responsable",
    titre=lambda: _("Confier les lignes"),
    texte=lambda: _("La personne choisie reçoit un seul courriel pour toutes ces lignes."),
    bouton=lambda: _("Confier les lignes"),
    ouvrir=_confier,
    agir=lambda actor, refs, form: service.confier(
        db(), clock(), actor, refs, personne_ref=form.responsable.data or None
    ),
)
LOT_SI_SIAO = Lot(
    nom="lot_si_siao",
    titre=lambda: _("Noter la copie dans le SI SIAO"),
    texte=lambda: _("Le portail retient que vous avez recopié ces conventions aujourd’hui."),
    bouton=lambda: _("C’est recopié"),
    ouvrir=lambda actor, refs: FormActe(),
    agir=lambda actor, refs, form: service.copier_si_siao(db(), clock(), actor, refs),
)


@bp.route("/lot/date-cible", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def lot_cible() -> Response:
    """Move the target date of the lines chosen."""
    return _tenir(LOT_CIBLE)


@bp.route("/lot/responsable", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def lot_responsable() -> Response:
    """Put the lines chosen in someone's charge."""
    return _tenir(LOT_RESPONSABLE)


@bp.route("/lot/si-siao", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_COPIER_SI_SIAO)
def lot_si_siao() -> Response:
    """Note that the lines chosen were copied into the SI SIAO."""
    return _tenir(LOT_SI_SIAO)


def _tenir(lot: Lot) -> Response:
    actor = current_actor()
    refs = list(dict.fromkeys(request.values.getlist("ref")))[: service.LIGNES_PAR_LOT]
    lignes = fiches.choisies(db(), clock(), actor, refs)
    suite = local_target(request.values.get("suite") or url_for("conventions.liste"))
    form = lot.ouvrir(actor, refs)
    if form.validate_on_submit():
        try:
            nombre = lot.agir(actor, refs, form)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(ngettext("%(num)s ligne modifiée.", "%(num)s lignes modifiées.", nombre), "succes")
            return see_other(suite)
    return render_view(
        "conventions/lot.html",
        "conventions/_lot.html",
        status=422 if form.errors else 200,
        fil=[(_("Suivi des conventions"), suite), (lot.titre(), "")],
        form=form,
        titre=lot.titre(),
        texte=lot.texte(),
        bouton=lot.bouton(),
        lignes=[_resume(ligne) for ligne in lignes],
        refs=refs,
        suite=suite,
        action=url_for(f"conventions.{lot.nom}"),
    )


def _resume(ligne: Ligne) -> tuple[str, str, str, str, str]:
    """Return what the page recalls of a line chosen: operator, SIAO, tone and label of its state, target."""
    mots = tableau.mots()
    return (
        ligne.operateur,
        ligne.siao,
        tableau.TONS[ligne.etat],
        mots.etats[ligne.etat],
        tableau.court(ligne.date_cible),
    )
