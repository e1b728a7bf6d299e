"""The grid of a household: its versions, reading it to the household, freezing, comparing, printing."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from portal.conventions.modeles.comparaison import LIBELLES_CHANGEMENT
from portal.grilles.comparaison import differences
from portal.grilles.remplissage import queries, service
from portal.grilles.remplissage.composition import ecart
from portal.grilles.remplissage.enums import IMPRIMEE, LU, StatutGrille
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.context import clock, db
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.menages.commun import lire
from portal.web.remplissage import impression
from portal.web.remplissage.affichage import Lu
from portal.web.remplissage.blueprint import bp
from portal.web.remplissage.commun import (
    adresse_grille,
    adresse_section,
    brouillon,
    contexte,
    fil_grille,
    lue,
    sans_lecture,
)
from portal.web.render import attachment, render_view, see_other


@bp.get("/menages/<menage_ref>/grille")
@requires(Permission.MENAGES_LIRE)
def grille(menage_ref: str) -> Response:
    """Where the grid of a household stands: the version being written, section by section, and the others."""
    actor, vise = lire(menage_ref)
    draft = brouillon(vise)
    modele = queries.modele(db(), draft) if draft else None
    versions = queries.versions(db(), vise.menage.id)
    return render_view(
        "remplissage/grille.html",
        **contexte(vise),
        fil=fil_grille(vise.menage),
        remplit=can(actor, Permission.GRILLES_REMPLIR, vise),
        version=draft,
        sections=[
            (section, next(row for row in draft.sections if row.section == section.code))
            for section in modele.sections
        ]
        if modele
        else [],
        reprise=_reprise(vise, draft),
        figees=[v for v in versions if v.statut is StatutGrille.FIGEE],
        aujourdhui=clock().today(actor.fuseau),
    )


@bp.post("/menages/<menage_ref>/grille")
@requires(Permission.GRILLES_REMPLIR)
def ouvrir(menage_ref: str) -> Response:
    """Open the next version, or go on with the one being written."""
    actor, vise = lire(menage_ref)
    try:
        draft = service.ouvrir(db(), clock(), actor, vise)
    except DomainError as error:
        flash(domain_message(error), "alerte")
        return see_other(adresse_grille(vise.menage))
    return see_other(_reprise(vise, draft))


@bp.route("/menages/<menage_ref>/grille/relecture", methods=["GET", "POST"])
@requires(Permission.GRILLES_REMPLIR)
def relecture(menage_ref: str) -> Response:
    """Read the whole grid to the household, then freeze it."""
    actor, vise = lire(menage_ref, Permission.GRILLES_REMPLIR)
    refus: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        try:
            figee = service.figer(
                db(),
                clock(),
                actor,
                vise,
                lues=request.form.getlist("lues"),
                sans_avis="sans_avis" in request.form,
                lu=request.form.get("lu", "")[:200],
            )
        except DomainErrors as error:
            status, refus = 422, [(one.field or "", domain_message(one)) for one in error.errors]
        except DomainError as error:
            flash(domain_message(error), "alerte")
            return see_other(adresse_grille(vise.menage))
        except StaleVersion:
            status = 409
            refus = [("", _("La grille a changé depuis que vous l’avez lue : relisez-la, puis figez-la."))]
        else:
            flash(_("La version %(numero)s est figée : elle ne change plus.", numero=figee.numero), "succes")
            return see_other(adresse_grille(vise.menage))
    draft = brouillon(vise)
    if draft is None:
        return see_other(adresse_grille(vise.menage))
    modele, lues = lue(vise, draft)
    cochees = () if status == 409 else request.form.getlist("lues")
    reste = service.restant(db(), draft, lues=cochees, sans_avis=False)
    return render_view(
        "remplissage/relecture.html",
        status=status,
        **(sans_lecture(vise) if status != 200 else contexte(vise, LU, draft.ref)),
        fil=fil_grille(vise.menage, (_("Relecture"), "")),
        version=draft,
        modele=modele,
        lues=lues,
        cochees=cochees,
        sans_avis="sans_avis" in request.form and status == 422,
        avis_manque=reste.sans_avis,
        a_relire={cle.partition(".")[0] for cle in reste.a_relire},
        ecart=ecart(db(), vise.menage, queries.reponses(db(), draft)),
        etat=service.etat(draft),
        refus=refus,
    )


@bp.post("/menages/<menage_ref>/grille/abandon")
@requires(Permission.GRILLES_REMPLIR)
def abandonner(menage_ref: str) -> Response:
    """Give up the version being written."""
    actor, vise = lire(menage_ref, Permission.GRILLES_REMPLIR)
    try:
        service.abandonner(db(), clock(), actor, vise, request.form.get("lu", "")[:200])
    except DomainError as error:
        flash(domain_message(error), "alerte")
    except StaleVersion:
        flash(_("La grille a changé depuis que vous l’avez lue : rien n’est effacé."), "alerte")
    else:
        flash(_("La version en cours est effacée. Les versions figées restent."), "succes")
    return see_other(adresse_grille(vise.menage))


@bp.get("/menages/<menage_ref>/grille/versions/<remplie_ref>")
@requires(Permission.MENAGES_LIRE)
def version(menage_ref: str, remplie_ref: str) -> Response:
    """One version, whole, in the model that it was written in."""
    actor, vise = lire(menage_ref)
    voulue = queries.version(db(), vise.menage.id, remplie_ref)
    modele, lues = lue(vise, voulue)
    versions = queries.versions(db(), vise.menage.id)
    return render_view(
        "remplissage/version.html",
        **contexte(vise, LU, voulue.ref),
        fil=fil_grille(vise.menage, (_("Version %(numero)s", numero=voulue.numero), "")),
        version=voulue,
        modele=modele,
        lues=lues,
        plusieurs=len(versions) > 1,
        remplit=can(actor, Permission.GRILLES_REMPLIR, vise),
    )


@bp.get("/menages/<menage_ref>/grille/versions/<remplie_ref>/comparaison")
@requires(Permission.MENAGES_LIRE)
def comparaison(menage_ref: str, remplie_ref: str) -> Response:
    """What differs between two versions, question by question and word by word."""
    _actor, vise = lire(menage_ref)
    toutes = queries.versions(db(), vise.menage.id)
    autres = [v for v in toutes if v.ref != remplie_ref]
    lue_ici = next((v for v in toutes if v.ref == remplie_ref), None)
    if not autres or lue_ici is None:
        raise NotVisible(remplie_ref)
    precedente = next((v.ref for v in autres if v.numero < lue_ici.numero), autres[0].ref)
    avec = request.args.get("avec") or precedente
    voulue, autre = queries.deux(db(), vise.menage.id, remplie_ref, avec)
    return render_view(
        "remplissage/comparaison.html",
        **contexte(vise, LU, voulue.ref),
        fil=fil_grille(vise.menage, (_("Comparaison"), "")),
        version=voulue,
        autre=autre,
        autres=autres,
        changements=LIBELLES_CHANGEMENT,
        differences=differences(_textes(lue(vise, autre)[1]), _textes(lue(vise, voulue)[1])),
    )


@bp.get("/menages/<menage_ref>/grille/versions/<remplie_ref>/imprimee")
@requires(Permission.MENAGES_LIRE)
def imprimee(menage_ref: str, remplie_ref: str) -> Response:
    """A version on paper, to give to the household."""
    _actor, vise = lire(menage_ref)
    voulue = queries.version(db(), vise.menage.id, remplie_ref)
    page = contexte(vise, IMPRIMEE, voulue.ref)
    pdf = impression.remplie(vise, voulue, page["designation"])
    return attachment(pdf, f"grille-version-{voulue.numero}.pdf", "application/pdf")


@bp.get("/grille/vierge")
@requires(Permission.GRILLES_LIRE)
def vierge() -> Response:
    """The model of the reader's département on paper, to fill by hand."""
    return attachment(impression.vierge(), "grille-vierge.pdf", "application/pdf")


def _reprise(vise: Any, draft: Any) -> str:
    """Return where one stopped: the section written last, else the first one."""
    if draft is None:
        return ""
    ecrites = [row for row in draft.sections if row.par]
    derniere = max(ecrites, key=lambda row: (row.enregistree_le, row.section), default=None)
    premiere = min(row.section for row in draft.sections)
    return adresse_section(vise.menage, derniere.section if derniere else premiere)


def _textes(lues: dict[str, list[Lu]]) -> dict[str, tuple[str, str]]:
    """Return what each question says, by code: its label, and its answer."""
    return {lu.code: (lu.libelle, _texte(lu)) for section in lues.values() for lu in section}


def _texte(lu: Lu) -> str:
    lignes = [f"{ligne.libelle} : {ligne.texte}" if ligne.libelle else ligne.texte for ligne in lu.lignes]
    return "\n".join([*lignes, *([lu.calcul.valeur] if lu.calcul else [])])
