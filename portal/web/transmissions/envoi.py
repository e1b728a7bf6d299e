"""Sending a grid, and following what was sent: pages below a household."""

from typing import Any

from flask import Response, flash
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.grilles.transmissions import queries, service, suites
from portal.grilles.transmissions.enums import TRANSMISSION
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, StaleVersion
from portal.web.annuaire.commun import libelles_de
from portal.web.autorisations.rendu import entete, parties
from portal.web.context import clock, db
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import requires
from portal.web.menages.commun import adresse, fil_de, lire, noter_lecture
from portal.web.organisations import nomenclatures
from portal.web.render import render_view, see_other
from portal.web.transmissions.blueprint import envois as bp
from portal.web.transmissions.etapes import etapes
from portal.web.transmissions.forms import FormEnvoi
from portal.web.transmissions.mots import dire, mots

ENVOYER, RELIRE = Permission.TRANSMISSIONS_ENVOYER, Permission.TRANSMISSIONS_RELIRE


@bp.route("/transmettre/<autorisation_ref>", methods=["GET", "POST"])
@requires(ENVOYER)
def transmettre(menage_ref: str, autorisation_ref: str) -> Response:
    """Show exactly what will leave and to whom; send it."""
    actor, vise = lire(menage_ref, ENVOYER)
    ici, status, message = adresse(vise.menage), 200, ""
    form = FormEnvoi()
    if form.validate_on_submit():
        try:
            envoyee = service.transmettre(
                db(),
                clock(),
                actor,
                vise,
                autorisation_ref,
                empreinte=form.empreinte.data or "",
                fonction=form.choisie,
            )
        except StaleVersion:
            status = 409
            message = _("Ce qui partirait a changé pendant que vous lisiez : relisez, puis confirmez.")
        except DomainError as error:
            status, message = 422, domain_message(error)
        else:
            flash(_("La grille est transmise. Le destinataire et le SIAO sont prévenus."), "succes")
            return see_other(f"{ici}/transmissions/{envoyee.ref}")
        db().rollback()
        db().expire_all()
        actor, vise = lire(menage_ref, ENVOYER)
    try:
        vu = service.apercu(db(), clock(), actor, vise, autorisation_ref)
    except DomainError as error:
        return render_view(
            "transmissions/impossible.html",
            status=422,
            fil=fil_de(vise.menage, (_("Transmettre"), "")),
            message=domain_message(error),
            retour=ici,
        )
    noter_lecture(vise.menage, TRANSMISSION, vu.autorisation.ref)
    _fonctions(form, vu)
    form.empreinte.data = vu.empreinte
    form.form_errors = [message] if message else []
    return render_view(
        "transmissions/transmettre.html",
        status=status,
        fil=fil_de(vise.menage, (_("Transmettre"), "")),
        vu=vu,
        menage=vise.menage,
        entete=entete(vu.sortie.entete),
        parties=parties(vu.sortie),
        form=form,
        vides={one.ref for one in vu.fonctions if one.reponse.vide},
        action=f"{ici}/transmettre/{autorisation_ref}",
        retour=ici,
    )


def _fonctions(form: FormEnvoi, vu: service.Apercu) -> None:
    """Offer the functions of the recipient; without any there is nothing to choose."""
    if not vu.fonctions:
        del form.fonction
        return
    labels = libelles_de(vu.fonctions)
    form.fonction.choices = nomenclatures.options(
        (one.ref, _fonction(one, labels[one.fonction_code])) for one in vu.fonctions
    )
    form.fonction.data = form.fonction.data or vu.fonctions[0].ref


def _fonction(ligne: Any, label: str) -> str:
    precision = ", ".join(part for part in (ligne.mention, ligne.structure) if part)
    label = f"{label} ({precision})" if precision else label
    if ligne.repond is None:
        return _("%(fonction)s – personne ne tient cette fonction", fonction=label)
    return _("%(fonction)s – %(nom)s", fonction=label, nom=ligne.repond.nom)


@bp.get("/transmissions/<transmission_ref>")
@requires(Permission.MENAGES_LIRE)
def suivi(menage_ref: str, transmission_ref: str) -> Response:
    """What was sent, who read it and when, what was answered."""
    actor, vise = lire(menage_ref)
    envoyee, ouverte = queries.envoyee(db(), clock(), vise.menage, transmission_ref)
    noter_lecture(vise.menage, TRANSMISSION, envoyee.ref)
    lue = queries.detail(db(), envoyee)
    words = mots(TypeOrganisation(envoyee.organisation.type))
    return render_view(
        "transmissions/suivi.html",
        fil=fil_de(vise.menage, (_("Transmission"), "")),
        menage=vise.menage,
        lue=lue,
        transmission=envoyee,
        titre_etat=dire(words.faits, envoyee.statut),
        ouverte=ouverte,
        etapes=etapes(lue, words, actor.fuseau),
        lectures=queries.lectures(db(), envoyee),
        entete=entete(lue.sortie.entete),
        parties=parties(lue.sortie),
        fuseau=actor.fuseau,
        langue=str(get_locale()),
        relit=can(actor, RELIRE, vise),
        form=Formulaire(formdata=None),
        retour=adresse(vise.menage),
    )


@bp.post("/transmissions/<transmission_ref>/relire")
@requires(RELIRE)
def relire(menage_ref: str, transmission_ref: str) -> Response:
    """Say that the SIAO read again the reason of an answer."""
    actor, vise = lire(menage_ref, RELIRE)
    version = Formulaire().version_number
    try:
        suites.relire(db(), clock(), actor, vise, transmission_ref, version=version)
    except StaleVersion:
        db().rollback()
        flash(_("La réponse a changé pendant que vous la lisiez : relisez-la, puis recommencez."), "alerte")
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(_("Le motif est relu."), "succes")
    return see_other(adresse(vise.menage, f"/transmissions/{transmission_ref}"))
