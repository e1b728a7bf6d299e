"""Acts on many lines chosen in the list: the address names them, one form changes them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions import fiche as fiches
from portal.conventions import service
from portal.conventions.enums import OUVERTS, Statut
from portal.conventions.lignes import Ligne
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.conventions.blueprint import bp
from portal.web.conventions.contenu import choix_responsables
from portal.web.conventions.forms import FormActe, FormCible, FormConfier
from portal.web.forms import Formulaire, read_version
from portal.web.guards import local_target, requires
from portal.web.render import render_view, see_other

Versions = Mapping[str, int]


class Choisie(NamedTuple):
    """What the page says of a line.

    `change`: someone saved it after the page was shown; `exclue`: why the act leaves it out, unchecked.
    """

    ref: str
    version: int
    operateur: str
    siao: str
    ton: str
    etat: str
    cible: str
    responsable: str
    cochee: bool
    change: bool
    exclue: str


@dataclass(frozen=True)
class Lot:
    """An act on many lines: its words, its form, what it does (returns how many lines changed).

    `exclure`: why a line cannot be among them, nothing when it can.
    """

    nom: str
    titre: Callable[[], str]
    texte: Callable[[], str]
    bouton: Callable[[], str]
    ouvrir: Callable[[Actor, list[str]], Formulaire]
    agir: Callable[[Actor, list[str], Versions, Any], int]
    exclure: Callable[[Ligne], str] = lambda ligne: ""


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
    agir=lambda actor, refs, vues, form: service.deplacer_cible(
        db(), clock(), actor, refs, nouvelle=form.date_cible.data, motif=form.motif.data, versions=vues
    ),
    exclure=lambda ligne: "" if ligne.statut in OUVERTS else _("garde sa date cible"),
)
LOT_RESPONSABLE = Lot(
    nom="lot_responsable",
    titre=lambda: _("Confier les lignes"),
    texte=lambda: _("La personne choisie reçoit un seul courriel pour toutes ces lignes."),
    bouton=lambda: _("Confier les lignes"),
    ouvrir=_confier,
    agir=lambda actor, refs, vues, form: service.confier(
        db(), clock(), actor, refs, versions=vues, **form.choisi()
    ),
)
LOT_SI_SIAO = Lot(
    nom="lot_si_siao",
    titre=lambda: _("Noter la copie dans le SI SIAO"),
    texte=lambda: _("Le portail retient que vous avez recopié ces conventions aujourd’hui."),
    bouton=lambda: _("C’est recopié"),
    ouvrir=lambda actor, refs: FormActe(),
    agir=lambda actor, refs, vues, form: service.copier_si_siao(db(), clock(), actor, refs, versions=vues),
    exclure=lambda ligne: "" if ligne.statut is Statut.SIGNEE else _("pas encore signée"),
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
    refs = list(dict.fromkeys(request.values.getlist("ref")))[: service.LIGNES_PAR_LOT + 1]
    vues = _vues()
    montrees = list(dict.fromkeys([*vues, *refs]))
    lignes = fiches.choisies(db(), clock(), actor, montrees)
    suite = local_target(request.values.get("suite") or url_for("conventions.liste"))
    form, depassee = lot.ouvrir(actor, refs or montrees), False
    if form.validate_on_submit():
        try:
            nombre = lot.agir(actor, refs, vues, form)
        except StaleVersion:
            depassee = True
            db().rollback()
            db().expire_all()
            lignes = fiches.choisies(db(), clock(), actor, montrees)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(ngettext("%(num)s ligne modifiée.", "%(num)s lignes modifiées.", nombre), "succes")
            return see_other(suite)
    choisies = [_choisie(lot, ligne, refs, vues, depassee=depassee) for ligne in lignes]
    return render_view(
        "conventions/lot.html",
        "conventions/_lot.html",
        status=409 if depassee else (422 if form.errors or form.form_errors else 200),
        fil=[(_("Suivi des conventions"), suite), (lot.titre(), "")],
        form=form,
        titre=lot.titre(),
        texte=lot.texte(),
        bouton=lot.bouton(),
        lignes=choisies,
        changees=sum(choisie.change for choisie in choisies),
        suite=suite,
        action=url_for(f"conventions.{lot.nom}"),
    )


def _vues() -> dict[str, int]:
    """Return the versions of the lines that the page sent back was showing, by reference."""
    paires = (paire.partition(":") for paire in request.form.getlist("lu")[: service.LIGNES_PAR_LOT + 1])
    return {ref: read_version(version) for ref, _deux_points, version in paires}


def _choisie(lot: Lot, ligne: Ligne, refs: list[str], vues: Versions, *, depassee: bool) -> Choisie:
    """Return a line as the page shows it.

    The version shown first stays in the form until the page says that there is another one.
    """
    mots = tableau.mots()
    vue = ligne.version if depassee else vues.get(ligne.ref, ligne.version)
    exclue = lot.exclure(ligne)
    return Choisie(
        ref=ligne.ref,
        version=vue,
        operateur=ligne.operateur,
        siao=ligne.siao,
        ton=tableau.TONS[ligne.etat],
        etat=mots.etats[ligne.etat],
        cible=tableau.court(ligne.date_cible),
        responsable=tableau.en_charge(ligne),
        cochee=ligne.ref in refs and not exclue,
        change=depassee and vues.get(ligne.ref) != ligne.version,
        exclue=exclue,
    )
