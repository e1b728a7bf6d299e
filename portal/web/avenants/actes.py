"""Acts on an avenant as a whole: opening it, choosing its clauses, its stages, setting a proposal aside."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.avenants import propositions, queries, service
from portal.conventions.avenants.consolidee import consolide
from portal.conventions.avenants.enums import Origine
from portal.conventions.avenants.queries import Lu
from portal.conventions.avenants.workflow import MOTIVEES, WORKFLOW
from portal.conventions.redaction.queries import Texte, a_un_texte
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.avenants import commun
from portal.web.avenants.blueprint import bp
from portal.web.avenants.forms import FormActe, FormAvenant, FormMotif, FormOuvrir
from portal.web.avenants.pages import ETAPES
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.guards import requires
from portal.web.render import render_view, see_other


def _jaunes(lu: Texte) -> list[tuple[str, str]]:
    return [(lue.code, lue.titre) for lue in lu.clauses if lue.clause.negociable]


@bp.route("/ouvrir", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def ouvrir(convention_ref: str) -> Response:
    """Open an avenant: its object, its clauses, natures that come or leave."""
    actor = current_actor()
    ligne, _fuseau = queries.ligne_visible(db(), actor, convention_ref)
    if not can(actor, Permission.CONVENTIONS_MODIFIER, ligne):
        raise Forbidden(Permission.CONVENTIONS_MODIFIER.value)
    if not a_un_texte(db(), ligne.id):
        return see_other(url_for("avenants.liste", convention_ref=convention_ref))
    lu = consolide(db(), ligne)
    form = FormOuvrir(data=_proposee(ligne, lu.texte))
    noms = tableau.mots().natures
    portees = lu.etat.natures
    form.clauses.choices = _jaunes(lu.texte)
    form.natures_ajoutees.choices = sorted(
        ((code, nom) for code, nom in noms.items() if code not in portees), key=lambda paire: paire[1]
    )
    form.natures_retirees.choices = [(code, noms.get(code, code)) for code in sorted(portees)]
    if form.validate_on_submit():
        try:
            avenant = service.ouvrir(
                db(),
                clock(),
                actor,
                convention_ref,
                objet=form.objet.data or "",
                codes=form.clauses.data or (),
                natures_ajoutees=form.natures_ajoutees.data or (),
                natures_retirees=form.natures_retirees.data or (),
                date_effet=form.date_effet.data,
                proposition_ref=form.proposition.data or "",
                cle=form.cle_idempotence.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le projet d’avenant est ouvert."), "succes")
            return see_other(
                url_for("avenants.detail", convention_ref=convention_ref, avenant_ref=avenant.ref)
            )
    return render_view(
        "avenants/ouvrir.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=commun.fil_ligne(ligne, (_("Ouvrir un avenant"), "")),
        ligne=ligne,
        form=form,
        action=url_for("avenants.ouvrir", convention_ref=convention_ref),
        annuler=url_for("avenants.liste", convention_ref=convention_ref),
    )


def _proposee(ligne: Any, lu: Texte) -> dict[str, Any]:
    """Return what a form opened from a proposal already says."""
    demandee = request.args.get("proposition", "")
    proposition = next((une for une in propositions.en_attente(db(), ligne.id) if une.ref == demandee), None)
    if proposition is None:
        return {}
    textes = {
        Origine.OUVERTURE: _("Ouverture de la structure %(nom)s", nom=proposition.libelle),
        Origine.FERMETURE: _("Fermeture de la structure %(nom)s", nom=proposition.libelle),
        Origine.NATURE_DIFFEREE: _("Ajout de la nature %(nom)s", nom=proposition.libelle),
    }
    venues = proposition.origine is not Origine.FERMETURE
    tableaux = [
        lue.code
        for lue in lu.clauses
        if any(parametre.code.startswith("tableau_dis") for parametre in lue.clause.parametres)
    ]
    portees = lu.contexte.retenues
    return {
        "proposition": proposition.ref,
        "objet": textes.get(proposition.origine, proposition.libelle),
        "clauses": tableaux,
        "natures_ajoutees": [code for code in proposition.natures if venues and code not in portees],
    }


@bp.route("/<avenant_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def modifier(convention_ref: str, avenant_ref: str) -> Response:
    """Change the object, the day asked for, and which clauses the avenant is about."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.CONVENTIONS_MODIFIER)
    titre = _("Objet et clauses de l’avenant")
    if not commun.peut_agir(actor, lu):
        return _impossible(lu, titre)
    form, rival = _form(lu), None
    if form.validate_on_submit():
        try:
            service.modifier(
                db(),
                clock(),
                actor,
                convention_ref,
                avenant_ref,
                form.version_number,
                objet=form.objet.data or "",
                codes=form.clauses.data or (),
                date_effet=form.date_effet.data,
            )
        except StaleVersion:
            lu = commun.relire(lu)
            rival = conflict(lu.avenant, _form(lu, formdata=None), form, commun.adresse(lu))
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("L’avenant est modifié."), "succes")
            return see_other(commun.adresse(lu))
    return render_view(
        "avenants/modifier.html",
        status=409 if rival else (422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (titre, "")),
        lu=lu,
        titre=titre,
        form=form,
        rival=rival,
        action=url_for("avenants.modifier", convention_ref=convention_ref, avenant_ref=avenant_ref),
        annuler=commun.adresse(lu),
    )


def _form(lu: Lu, **options: Any) -> FormAvenant:
    form = FormAvenant(
        data={
            "version": str(lu.avenant.version),
            "objet": lu.avenant.objet,
            "clauses": [clause.code for clause in lu.clauses if clause.choisie],
            "date_effet": lu.avenant.date_effet,
        },
        **options,
    )
    form.clauses.choices = _jaunes(lu.composee.apres)
    return form


def _impossible(lu: Lu, titre: str) -> Response:
    return render_view(
        "signature/impossible.html",
        status=409,
        fil=commun.fil(lu, (titre, "")),
        titre=titre,
        phrase=_("L’état de l’avenant ne le permet pas."),
        suite=commun.adresse(lu),
    )


SUITES = {
    "negocier": lambda: _(
        "L’opérateur et les deux autres parties se prononcent sur chaque clause. Votre partie propose le "
        "projet tel qu’il est ; personne n’accepte à la place d’un autre."
    ),
    "figer": lambda: _(
        "L’avenant ne pourra plus changer : une empreinte en est prise, et c’est elle que les trois parties "
        "signent. Rouvrir la négociation annule les signatures déjà données."
    ),
    "rouvrir": lambda: _(
        "L’avenant revient en négociation. Les signatures déjà données sont annulées : elles portaient sur "
        "le texte qui change."
    ),
    "refuser": lambda: _("L’avenant est clos sans être signé. La convention reste telle qu’elle est."),
    "abandonner": lambda: _("L’avenant est clos sans être signé. La convention reste telle qu’elle est."),
}


@bp.route("/<avenant_ref>/etape/<transition>", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_LIRE)
def etape(convention_ref: str, avenant_ref: str, transition: str) -> Response:
    """Fire a stage of the avenant."""
    if transition not in ETAPES:
        abort(404)
    regle = WORKFLOW[transition]
    permission = regle.permission
    assert isinstance(permission, Permission)
    actor, lu = commun.lire(convention_ref, avenant_ref, permission)
    if request.method == "GET" and lu.avenant.statut not in regle.sources:
        return _impossible(lu, _(regle.label))
    modele = FormMotif if transition in MOTIVEES else FormActe
    form: Any = modele(data={"version": str(lu.avenant.version)})
    status = 200
    if form.validate_on_submit():
        try:
            service.avancer(
                db(),
                clock(),
                actor,
                convention_ref,
                avenant_ref,
                form.version_number,
                transition,
                motif=form.motif.data or "" if "motif" in form else "",
            )
        except StaleVersion:
            lu = commun.relire(lu)
            form.version.data = str(lu.avenant.version)
            form.form_errors = [_("L’avenant a changé entre-temps. Vérifiez, puis envoyez de nouveau.")]
            status = 409
        except (DomainError, DomainErrors) as error:
            db().rollback()
            db().expire_all()
            form.refuse(error)
            lu = commun.relire(lu)
        else:
            flash(_("L’étape est enregistrée."), "succes")
            return see_other(commun.adresse(lu))
    return render_view(
        "avenants/acte.html",
        status=max(status, 422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (_(regle.label), "")),
        lu=lu,
        titre=_(regle.label),
        phrase=SUITES[transition](),
        bouton=_(regle.label),
        ton="danger" if transition in ("refuser", "abandonner") else "principal",
        form=form,
        action=url_for(
            "avenants.etape", convention_ref=convention_ref, avenant_ref=avenant_ref, transition=transition
        ),
        annuler=commun.adresse(lu),
    )


@bp.route("/propositions/<proposition_ref>/ecarter", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def ecarter(convention_ref: str, proposition_ref: str) -> Response:
    """Set a proposal of avenant aside, and say why."""
    actor = current_actor()
    ligne, _fuseau = queries.ligne_visible(db(), actor, convention_ref)
    if not can(actor, Permission.CONVENTIONS_MODIFIER, ligne):
        raise Forbidden(Permission.CONVENTIONS_MODIFIER.value)
    liste = url_for("avenants.liste", convention_ref=convention_ref)
    form, titre = FormMotif(), _("Écarter la proposition d’avenant")
    if form.validate_on_submit():
        try:
            propositions.ecarter(
                db(), clock(), actor, convention_ref, proposition_ref, motif=form.motif.data or ""
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La proposition est écartée."), "succes")
            return see_other(liste)
    elif request.method == "GET":
        propositions.attendue(db(), ligne, proposition_ref)
    return render_view(
        "avenants/acte.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=commun.fil_ligne(ligne, (titre, "")),
        lu={"ligne": ligne},
        titre=titre,
        phrase=_("La proposition ne sera plus montrée. Le journal garde votre motif."),
        bouton=_("Écarter"),
        ton="principal",
        form=form,
        action=url_for("avenants.ecarter", convention_ref=convention_ref, proposition_ref=proposition_ref),
        annuler=liste,
    )
