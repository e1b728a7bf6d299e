"""Who sits: colleges, and the functions of the directory that are given a seat."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.annuaire.recherche import FiltreAnnuaire, chercher
from portal.commissions import composition as composer
from portal.commissions import queries
from portal.commissions.enums import LIBELLES_QUALITE, Qualite
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.commissions.forms import FormCollege, FormSiege
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.organisations.filtres import TYPES, text
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

PROPOSEES = 25  # functions shown at once


@bp.get("/<commission_ref>/composition")
@requires(Permission.COMMISSIONS_CONFIGURER)
def composition(commission_ref: str) -> Response:
    """The colleges and their seats, to be changed."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    return render_view(
        "commissions/composition.html",
        fil=commun.fil_de(commission, (_("Composition"), "")),
        commission=commission,
        composition=queries.composition(db(), commission, clock().today(actor.fuseau)),
        fonctions=commun.libelles_fonctions(commission.departement_code),
        qualites=[one for one in Qualite if one is not Qualite.MEMBRE],
        form=Formulaire(),
    )


@bp.route("/<commission_ref>/colleges/nouveau", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def college_nouveau(commission_ref: str) -> Response:
    """Add a college."""
    return _college(commission_ref, "")


@bp.route("/<commission_ref>/colleges/<college_ref>", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def college(commission_ref: str, college_ref: str) -> Response:
    """Change a college."""
    return _college(commission_ref, college_ref)


def _college(commission_ref: str, college_ref: str) -> Response:
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    college = composer.college_de(commission, college_ref) if college_ref else None
    form = FormCollege.de(commission, college)
    back = commun.adresse(commission, "/composition")
    overtaken = False
    if form.validate_on_submit():
        try:
            _enregistrer(actor, commission, college, form)
        except StaleVersion:
            db().expire_all()
            commun.depasse(form, commun.lire(commission_ref)[1])
            overtaken = True
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le collège est enregistré."), "succes")
            return see_other(back)
    titre = _("Modifier le collège") if college else _("Nouveau collège")
    return render_view(
        "commissions/acte.html",
        "commissions/_college.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(commission, (_("Composition"), back), (titre, "")),
        titre=titre,
        corps="commissions/_college.html",
        form=form,
        action=commun.adresse(commission, f"/colleges/{college_ref or 'nouveau'}"),
        annuler=back,
    )


def _enregistrer(actor: Any, commission: Any, college: Any, form: FormCollege) -> None:
    typed, version = form.saisie(), form.version_number
    if college is None:
        composer.ajouter_college(db(), clock(), actor, commission, typed, version=version)
    else:
        composer.modifier_college(db(), clock(), actor, commission, college, typed, version=version)


@bp.post("/<commission_ref>/colleges/<college_ref>/retirer")
@requires(Permission.COMMISSIONS_CONFIGURER)
def college_retirer(commission_ref: str, college_ref: str) -> Response:
    """Remove a college where nobody ever sat."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    college = composer.college_de(commission, college_ref)
    try:
        version = Formulaire().version_number
        composer.retirer_college(db(), clock(), actor, commission, college, version=version)
    except StaleVersion:
        commun.perime()
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(_("Le collège est retiré."), "succes")
    return see_other(f"/commissions/{commission_ref}/composition")


@bp.route("/<commission_ref>/sieges/nouveau", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def siege_nouveau(commission_ref: str) -> Response:
    """Look for a function of the directory, and give it a seat (« place »: a college, or as what)."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    place = text("place", 16)
    qualite, college = _place(commission, place)
    form = FormSiege(data={"version": str(commission.version)})
    back = commun.adresse(commission, "/composition")
    if form.validate_on_submit():
        try:
            composer.donner_siege(
                db(),
                clock(),
                actor,
                commission,
                form.fonction.data or "",
                qualite,
                college,
                version=form.version_number,
            )
        except StaleVersion:
            db().expire_all()
            _actor, commission = commun.lire(commission_ref)
            commun.depasse(form, commission)
        except DomainError as error:
            form.form_errors = [domain_message(error)]
        else:
            flash(_("La fonction siège."), "succes")
            return see_other(back)
    kind = TYPES.get(text("type"))
    if kind is None and college is not None and not text("q") and "tous" not in text("type"):
        kind = TypeOrganisation(college.types[0]) if len(college.types) == 1 else None
    filtre = FiltreAnnuaire(texte=text("q"), departement_code=commission.departement_code, type=kind)
    jour = clock().today(actor.fuseau)
    resultat = chercher(db(), current_actor(), filtre, jour, taille=PROPOSEES)
    seated = {one.referent_id for one in commission.sieges if one.au is None}
    nom = _(LIBELLES_QUALITE[qualite]) if qualite is not Qualite.MEMBRE else college.nom
    return render_view(
        "commissions/siege.html",
        "commissions/_sieges.html",
        status=422 if form.form_errors else 200,
        fil=commun.fil_de(commission, (_("Composition"), back), (nom, "")),
        commission=commission,
        version=commission.version,
        titre=_("Donner un siège : %(nom)s", nom=nom),
        geste=_("Donner le siège"),
        suite={"place": college.ref if college is not None else qualite.value},
        filtre=filtre,
        lignes=[one for one in resultat.lignes if one.id not in seated],
        plus=resultat.plus or bool(resultat.page and resultat.page.next),
        fonctions=commun.libelles_fonctions(commission.departement_code),
        form=form,
        here=url_for("commissions.siege_nouveau", commission_ref=commission_ref),
        annuler=back,
    )


@bp.post("/<commission_ref>/sieges/<siege_ref>/presider")
@requires(Permission.COMMISSIONS_CONFIGURER)
def siege_presider(commission_ref: str, siege_ref: str) -> Response:
    """Have a member chair from its college, or no more (`non`)."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    version, preside = Formulaire().version_number, "non" not in request.form
    try:
        composer.presider(db(), clock(), actor, commission, siege_ref, preside=preside, version=version)
    except StaleVersion:
        commun.perime()
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(_("Cette fonction préside.") if preside else _("Cette fonction ne préside plus."), "succes")
    return see_other(f"/commissions/{commission_ref}/composition")


@bp.route("/<commission_ref>/sieges/<siege_ref>/retirer", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def siege_retirer(commission_ref: str, siege_ref: str) -> Response:
    """End a seat."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    siege = composer.siege_de(commission, siege_ref)
    form = Formulaire(data={"version": str(commission.version)})
    back = commun.adresse(commission, "/composition")
    overtaken = False
    if form.validate_on_submit():
        try:
            version = form.version_number
            composer.retirer_siege(db(), clock(), actor, commission, siege_ref, version=version)
        except StaleVersion:
            db().expire_all()
            commun.depasse(form, commun.lire(commission_ref)[1])
            overtaken = True
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("La fonction ne siège plus."), "succes")
            return see_other(back)
    fonction = commun.libelles_fonctions(commission.departement_code).get(siege.referent.fonction_code, "")
    return render_view(
        "commissions/acte.html",
        "commissions/_motif.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(commission, (_("Composition"), back), (_("Retirer le siège"), "")),
        titre=_("Retirer ce siège ?"),
        texte=_(
            "%(fonction)s – %(organisation)s ne siégera plus : les séances à venir quittent l’agenda de qui "
            "tient cette fonction, et leurs dossiers lui sont fermés.",
            fonction=fonction,
            organisation=siege.referent.organisation.nom,
        ),
        corps="commissions/_motif.html",
        form=form,
        bouton=_("Retirer le siège"),
        ton="danger",
        motif=False,
        action=commun.adresse(commission, f"/sieges/{siege_ref}/retirer"),
        annuler=back,
    )


def _place(commission: Any, place: str) -> tuple[Qualite, Any]:
    """Return as what a function is to sit, and in which college (the first by default); raises NotVisible."""
    for qualite in Qualite:
        if place == qualite.value and qualite is not Qualite.MEMBRE:
            return qualite, None
    if not place:
        first = commission.colleges[0] if commission.colleges else None
        return (Qualite.MEMBRE if first else Qualite.PRESIDENCE), first
    return Qualite.MEMBRE, composer.college_de(commission, place)
