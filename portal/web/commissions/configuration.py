"""Opening a commission from a preset, changing it, putting it into service, closing it."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from portal.commissions import queries, service
from portal.commissions.enums import Rythme, StatutCommission
from portal.commissions.nomenclatures import prereglages
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.commissions.forms import FormCommission
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.get("/nouvelle")
@requires(Permission.COMMISSIONS_CONFIGURER)
def choisir() -> Response:
    """Choose what kind of commission to open."""
    langue = commun.langue()
    return render_view(
        "commissions/choisir.html",
        fil=[(_("Commissions"), url_for("commissions.liste")), (_("Nouvelle commission"), "")],
        prereglages=[
            (one.code, one.libelle.en_langue(langue), one.valeurs["finalite"], _rythme(one))
            for one in prereglages().values()
        ],
    )


def _rythme(prereglage: Any) -> str:
    return commun.rythme(Rythme(prereglage.valeurs["rythme"]), prereglage.valeurs["rythme_nombre"])


@bp.route("/nouvelle/<prereglage>", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def ouvrir(prereglage: str) -> Response:
    """Open a commission: everything that the preset says is there, and may be changed."""
    actor = current_actor()
    modele = prereglages().get(prereglage)
    if modele is None:
        abort(404)
    asked = request.values.get("departement_code", actor.departement_code)
    departement = asked if asked in actor.departements else actor.departement_code
    form = FormCommission.neuve(modele, actor.departements, departement, actor.organisation_ref)
    here = url_for("commissions.ouvrir", prereglage=modele.code)
    if form.validate_on_submit():
        try:
            made = service.ouvrir(
                db(),
                clock(),
                actor,
                modele.code,
                form.departement_code.data,
                _secretariat(form),
                form.saisie(),
                key=form.cle_idempotence.data or "",
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La commission est créée. Donnez maintenant un siège à chacun."), "succes")
            return see_other(url_for("commissions.composition", commission_ref=made.ref))
    return render_view(
        "commissions/ouvrir.html",
        "commissions/_formulaire.html",
        status=status_of(form),
        fil=[
            (_("Commissions"), url_for("commissions.liste")),
            (_("Nouvelle commission"), url_for("commissions.choisir")),
            (modele.libelle.en_langue(commun.langue()), ""),
        ],
        titre=modele.libelle.en_langue(commun.langue()),
        colleges=[one.nom for one in modele.colleges],
        form=form,
        rival=None,
        action=here,
        annuler=url_for("commissions.choisir"),
    )


@bp.route("/<commission_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def modifier(commission_ref: str) -> Response:
    """Change how a commission is configured; a stale form is shown both versions."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    form = FormCommission.de(commission)
    here = url_for("commissions.modifier", commission_ref=commission_ref)
    rival = None
    if form.validate_on_submit():
        try:
            service.modifier(
                db(),
                clock(),
                actor,
                commission,
                _secretariat(form),
                form.saisie(),
                version=form.version_number,
            )
        except StaleVersion:
            db().expire_all()
            _actor, commission = commun.lire(commission_ref)
            rival = conflict(commission, FormCommission.de(commission, formdata=None), form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La commission est enregistrée."), "succes")
            return see_other(commun.adresse(commission))
    return render_view(
        "commissions/modifier.html",
        "commissions/_formulaire.html",
        status=409 if rival else status_of(form),
        fil=commun.fil_de(commission, (_("Modifier"), "")),
        commission=commission,
        reservee=commission.statut is StatutCommission.OUVERTE
        and not can(actor, Permission.COMMISSIONS_VALIDER, commission),
        form=form,
        rival=rival,
        action=here,
        annuler=commun.adresse(commission),
    )


@bp.post("/<commission_ref>/mettre-en-service")
@requires(Permission.COMMISSIONS_VALIDER)
def mettre_en_service(commission_ref: str) -> Response:
    """Put a commission into service."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_VALIDER)
    form = Formulaire()
    try:
        service.mettre_en_service(db(), clock(), actor, commission, version=form.version_number)
    except StaleVersion:
        commun.perime()
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(_("La commission est en service : son secrétariat peut convoquer."), "succes")
    return see_other(f"/commissions/{commission_ref}")


@bp.route("/<commission_ref>/fermer", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def fermer(commission_ref: str) -> Response:
    """Close a commission."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    form = Formulaire(data={"version": str(commission.version)})
    overtaken = False
    if form.validate_on_submit():
        try:
            service.fermer(db(), clock(), actor, commission, version=form.version_number)
        except StaleVersion:
            db().expire_all()
            commun.depasse(form, commun.lire(commission_ref)[1])
            overtaken = True
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("La commission est fermée."), "succes")
            return see_other(commun.adresse(commission))
    return render_view(
        "commissions/acte.html",
        "commissions/_fermer.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(commission, (_("Fermer"), "")),
        titre=_("Fermer cette commission ?"),
        corps="commissions/_fermer.html",
        form=form,
        action=commun.adresse(commission, "/fermer"),
        annuler=commun.adresse(commission),
    )


def _secretariat(form: FormCommission) -> Any:
    found = queries.organisation(db(), form.secretariat.data)
    if found is None:
        raise DomainError("commissions.secretariat", "secretariat")
    return found
