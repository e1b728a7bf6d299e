"""Occasional guests of a session, as its secretariat invites and revokes them."""

from datetime import datetime
from typing import Any

from flask import Response, flash
from flask_babel import gettext as _

from portal.commissions.dossiers import invites
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.enums import StatutSeance
from portal.conventions.jours import fuseau_de
from portal.security.permissions import Permission
from portal.shared.errors import DomainError, DomainErrors, StaleVersion
from portal.web.context import clock, db
from portal.web.dossiers import commun
from portal.web.dossiers.blueprint import bp
from portal.web.dossiers.forms import FormInvite
from portal.web.dossiers.ordre import adresse, lire_seance
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other

INSTRUIRE = Permission.DOSSIERS_INSTRUIRE


@bp.route("/seances/<seance_ref>/invites", methods=["GET", "POST"])
@requires(INSTRUIRE)
def invites_de(seance_ref: str) -> Response:
    """The guests of a session; invite one more."""
    actor, seance = lire_seance(seance_ref, INSTRUIRE)
    form = FormInvite()
    if form.validate_on_submit():
        typed = SaisieInvite(
            nom=form.nom.data or "",
            email=form.email.data or "",
            organisme=form.organisme.data or "",
            dossiers=form.dossiers.data or (),
        )
        try:
            invites.inviter(db(), clock(), actor, seance, typed)
        except (DomainError, DomainErrors) as error:
            db().rollback()
            db().expire_all()
            actor, seance = lire_seance(seance_ref, INSTRUIRE)
            form.refuse(error)
        else:
            flash(_("L’invitation est partie par courriel."), "succes")
            return see_other(adresse(seance, "/invites"))
    form.dossiers.choices = nomenclatures.options(
        (one.ref, _("%(rang)s. %(code)s – %(nom)s", rang=one.rang, code=one.code, nom=one.organisation))
        for one in invites.proposables(db(), seance)
    )
    fin = invites.fin_de(db(), seance)
    return render_view(
        "dossiers/invites.html",
        "dossiers/_invites.html",
        status=status_of(form),
        fil=commun.fil_de_seance(seance, (_("Invités"), "")),
        ici=adresse(seance, "/invites"),
        retour=adresse(seance),
        seance=seance,
        # a session that ended while the form was being filled in still shows what was typed, and why not
        invitable=invites.invitable(clock(), seance) or bool(form.errors),
        chapeau=_chapeau(seance, fin),
        invites=[
            _invite(one, nombre, seance, fin)
            for one, nombre in invites.de_la_seance_pour(db(), actor, seance)
        ],
        fuseau=fuseau_de(seance.departement_code),
        form=form,
    )


def _chapeau(seance: Any, fin: datetime) -> str:
    """Say what guests may read, or that nobody is invited any more."""
    if seance.statut is StatutSeance.ANNULEE:
        return _("La séance est annulée : personne n’y est plus invité.")
    jusque = show_datetime(fin, fuseau_de(seance.departement_code))
    if invites.invitable(clock(), seance):
        return _(
            "Une personne sans compte, pour des dossiers nommés : elle ne voit que ceux-là, "
            "jusqu’au %(fin)s.",
            fin=jusque,
        )
    if clock().now() < fin:
        return _(
            "La séance est finie : on n’y invite plus. Les personnes invitées lisent encore leurs dossiers, "
            "jusqu’au %(fin)s.",
            fin=jusque,
        )
    return _("La séance est finie : on n’y invite plus. Les invitations ont pris fin le %(fin)s.", fin=jusque)


def _invite(one: Any, nombre: int, seance: Any, fin: datetime) -> dict[str, Any]:
    """Say where an invitation stands, as `invites.par_jeton` opens it."""
    annulee = seance.statut is StatutSeance.ANNULEE
    passe = annulee or clock().now() >= fin
    essayee = one.essais >= invites.ESSAIS_MAXIMUM and not passe
    if one.revoque_le:
        etat = _("Révoquée")
    elif annulee:
        etat = _("Fermée : séance annulée")
    elif essayee:
        etat = _("Fermée : trop de codes faux. Révoquez-la, puis invitez de nouveau.")
    else:
        etat = _("Terminée") if passe else _("Ouverte")
    return {
        "invite": one,
        "etat": etat,
        "vivante": one.revoque_le is None and not passe,
        "ton": "neutre" if one.revoque_le or passe else "alerte" if essayee else "succes",
        "nombre": nombre,
    }


@bp.route("/seances/<seance_ref>/invites/<invite_ref>/revoquer", methods=["GET", "POST"])
@requires(INSTRUIRE)
def invite_revoquer(seance_ref: str, invite_ref: str) -> Response:
    """End an invitation at once."""
    actor, seance = lire_seance(seance_ref, INSTRUIRE)
    invite = invites.invite_de(db(), seance, invite_ref)
    form = Formulaire(data={"version": str(invite.version)})
    retour = adresse(seance, "/invites")
    if form.validate_on_submit():
        try:
            invites.revoquer(db(), clock(), actor, seance, invite_ref, version=form.version_number)
        except StaleVersion:
            commun.perime()
        else:
            flash(_("L’invitation est révoquée : son lien ne s’ouvre plus."), "succes")
        return see_other(retour)
    return render_view(
        "commissions/acte.html",
        "commissions/_motif.html",
        fil=commun.fil_de_seance(seance, (_("Invités"), retour), (_("Révoquer"), "")),
        titre=_("Révoquer l’invitation de %(nom)s ?", nom=invite.nom),
        texte=_("Son lien ne s’ouvrira plus, tout de suite et pour de bon."),
        corps="commissions/_motif.html",
        form=form,
        bouton=_("Révoquer l’invitation"),
        ton="danger",
        motif=False,
        action=f"{retour}/{invite_ref}/revoquer",
        annuler=retour,
    )
