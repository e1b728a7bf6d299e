"""Preparing a dossier for a household, changing it, depositing it, withdrawing it."""

from typing import Any

from flask import Response, flash
from flask_babel import gettext as _

from portal.commissions.dossiers import queries, service
from portal.grilles.menages.policies import Vise as MenageVise
from portal.grilles.relecture import expressions
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.conflits import conflict
from portal.web.context import clock, db
from portal.web.dossiers import commun
from portal.web.dossiers.blueprint import bp
from portal.web.dossiers.forms import FormDossier
from portal.web.guards import requires
from portal.web.menages.commun import adresse as adresse_menage
from portal.web.menages.commun import fil_de as fil_menage
from portal.web.menages.commun import lire as lire_menage
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

DEPOSER = Permission.DOSSIERS_DEPOSER


@bp.route("/nouveau/<menage_ref>", methods=["GET", "POST"])
@requires(DEPOSER)
def nouveau(menage_ref: str) -> Response:
    """Begin a draft: the commission, the situation, what is asked for; documents come next."""
    actor, vise = lire_menage(menage_ref, DEPOSER)
    commissions = list(queries.commissions_ouvertes(db(), vise.menage))
    form = FormDossier.pour(commissions)
    if len(commissions) == 1 and not form.commission.data:
        form.commission.data = commissions[0].ref
    if form.validate_on_submit():
        try:
            made = service.ouvrir(
                db(),
                clock(),
                actor,
                vise,
                form.commission.data or "",
                form.saisie(),
                key=form.cle_idempotence.data or "",
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Brouillon enregistré. Dites où en sont les pièces, puis déposez."), "succes")
            return see_other(
                commun.adresse(made, "/modifier") if made.commission.pieces else commun.adresse(made)
            )
    return _nouveau(vise, commissions, form)


def _nouveau(vise: MenageVise, commissions: list[Any], form: FormDossier) -> Response:
    return render_view(
        "dossiers/formulaire.html",
        "dossiers/_formulaire.html",
        status=status_of(form),
        fil=fil_menage(vise.menage, (_("Dossier de commission"), "")),
        titre=_("Préparer un dossier de commission"),
        menage=vise.menage,
        commissions=commissions,
        pieces=[],
        present=True,
        form=form,
        mots=[],
        rival=None,
        action=f"/dossiers/nouveau/{vise.menage.ref}",
        annuler=adresse_menage(vise.menage),
    )


@bp.route("/<dossier_ref>/modifier", methods=["GET", "POST"])
@requires(DEPOSER)
def modifier(dossier_ref: str) -> Response:
    """Change a draft, or a dossier that was given back."""
    actor, vise = commun.lire(dossier_ref, DEPOSER)
    form = FormDossier.de(vise.dossier, service.contenu(db(), vise.dossier))
    rival, here = None, commun.adresse(vise.dossier, "/modifier")
    if form.validate_on_submit():
        try:
            service.modifier(db(), clock(), actor, vise, form.saisie(), version=form.version_number)
        except StaleVersion:
            db().expire_all()
            _actor, vise = commun.lire(dossier_ref)
            stored = FormDossier.de(vise.dossier, service.contenu(db(), vise.dossier), formdata=None)
            rival = conflict(vise.dossier, stored, form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le dossier est enregistré."), "succes")
            return see_other(commun.adresse(vise.dossier))
    dossier = vise.dossier
    return render_view(
        "dossiers/formulaire.html",
        "dossiers/_formulaire.html",
        status=409 if rival else status_of(form),
        fil=commun.fil_de(dossier, (_("Modifier"), "")),
        titre=_("Le dossier %(code)s", code=dossier.code),
        menage=dossier.menage,
        commission=dossier.commission,
        commissions=None,
        pieces=dossier.commission.pieces,
        present=dossier.commission.menage.value == "invite",
        form=form,
        mots=expressions(f"{form.situation.data or ''}\n{form.demande.data or ''}"),
        rival=rival,
        action=here,
        annuler=commun.adresse(dossier),
    )
