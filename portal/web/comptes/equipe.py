"""« Équipe »: who has access for an organisation, and who is invited."""

from typing import TypeVar

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from portal.comptes import adhesions, invitations, queries
from portal.comptes.policies import Acces, grantable
from portal.comptes.queries import review_limit
from portal.comptes.territoire import OrganisationLue
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, Forbidden, StaleVersion
from portal.shared.pagination import Cursor
from portal.web.comptes import entree
from portal.web.comptes.forms import FormAcces, FormInvitation
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.render import render_view, see_other

Form = TypeVar("Form", bound=FormAcces)

bp = Blueprint("equipe", __name__, url_prefix="/equipe")


@bp.get("")
@requires(Permission.COMPTES_LIRE)
def liste() -> Response:
    """The accounts and invitations of an organisation: one's own unless `organisation` names another."""
    actor = current_actor()
    team = _team(actor)
    page = queries.equipe(db(), actor, team, Cursor.decode(request.args.get("curseur")))
    return render_view(
        "comptes/equipe/liste.html",
        "comptes/equipe/_liste.html",
        team=team,
        page=page,
        fil=_fil(actor, team),
        modifiables={row.ref for row in page.rows if queries.editable(actor, team, row)},
        a_verifier=review_limit(clock().today(actor.fuseau)),
        maintenant=clock().now(),
        invite=can(actor, Permission.COMPTES_INVITER, team) and team.ouverte,
        invitations=queries.invitations(db(), actor, team),
    )


@bp.route("/inviter", methods=["GET", "POST"])
@requires(Permission.COMPTES_INVITER)
def inviter() -> Response:
    """Invite someone."""
    actor = current_actor()
    team = _team(actor)
    if not can(actor, Permission.COMPTES_INVITER, team):
        raise Forbidden(Permission.COMPTES_INVITER.value)
    form = _offer(FormInvitation(), actor, team)
    if form.validate_on_submit():
        try:
            made = invitations.invite(
                db(), clock(), settings(), actor, team, form.saisie(), key=form.cle_idempotence.data or ""
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("L’invitation part à %(email)s.", email=made.email), "succes")
            return see_other(_home(actor, team))
    return render_view(
        "comptes/equipe/inviter.html",
        "comptes/equipe/_inviter.html",
        status=entree.status_of(form),
        fil=_fil(actor, team, _("Inviter")),
        team=team,
        form=form,
        action=url_for("equipe.inviter", organisation=_named(actor, team)),
        annuler=_home(actor, team),
    )


@bp.route("/<adhesion_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COMPTES_MODIFIER)
def modifier(adhesion_ref: str) -> Response:
    """Give another profile; a stale form is shown both versions."""
    actor = current_actor()
    adhesion, personne, team = queries.adhesion(db(), actor, adhesion_ref)
    _may_edit(actor, Acces(personne.id, adhesion.profil, team))
    stored = {
        "profil": adhesion.profil.value,
        "departement_code": adhesion.departement_code,
        "version": adhesion.version,
    }
    form = _offer(FormAcces(data=stored), actor, team)
    rival = None
    if form.validate_on_submit():
        try:
            adhesions.change(
                db(),
                clock(),
                actor,
                adhesion_ref,
                profil=form.profil_choisi,
                departement_code=form.departement_code.data,
                version=form.version_number,
            )
        except StaleVersion as stale:
            now = _offer(FormAcces(formdata=None, data=stored), actor, team)
            rival = conflict(stale.current, now, form, url_for("equipe.modifier", adhesion_ref=adhesion_ref))
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("L’accès de %(nom)s est modifié.", nom=personne.nom_complet), "succes")
            return see_other(_home(actor, team))
    return render_view(
        "comptes/equipe/modifier.html",
        status=409 if rival else entree.status_of(form),
        fil=_fil(actor, team, _("Modifier un accès")),
        team=team,
        nom=personne.nom_complet,
        form=form,
        rival=rival,
        action=url_for("equipe.modifier", adhesion_ref=adhesion_ref),
        annuler=_home(actor, team),
    )


@bp.route("/<adhesion_ref>/retirer", methods=["GET", "POST"])
@requires(Permission.COMPTES_MODIFIER)
def retirer(adhesion_ref: str) -> Response:
    """Withdraw an access, at once."""
    actor = current_actor()
    adhesion, personne, team = queries.adhesion(db(), actor, adhesion_ref)
    _may_edit(actor, Acces(personne.id, adhesion.profil, team))
    form = Formulaire(data={"version": adhesion.version})
    status = 200
    if form.validate_on_submit():
        try:
            adhesions.revoke(db(), clock(), actor, adhesion_ref, version=form.version_number)
        except StaleVersion as stale:
            form.version.data = str(stale.current.version)
            form.form_errors = [_("Cet accès a changé pendant que vous le lisiez. Confirmez de nouveau.")]
            status = 409
        else:
            flash(_("L’accès de %(nom)s est retiré.", nom=personne.nom_complet), "succes")
            return see_other(_home(actor, team))
    return render_view(
        "comptes/equipe/confirmer.html",
        "comptes/equipe/_confirmer.html",
        status=status,
        fil=_fil(actor, team, _("Retirer un accès")),
        titre=_("Retirer l’accès de %(nom)s ?", nom=personne.nom_complet),
        texte=_(
            "Cette personne ne pourra plus rien voir ni faire pour « %(nom)s », dès maintenant. "
            "Ce qu’elle a fait reste au journal.",
            nom=team.nom,
        ),
        bouton=_("Retirer l’accès"),
        form=form,
        action=url_for("equipe.retirer", adhesion_ref=adhesion_ref),
        annuler=_home(actor, team),
    )


@bp.post("/verifier")
@requires(Permission.COMPTES_INVITER)
def verifier() -> Response:
    """Confirm that the chosen people still need their access (six-monthly review)."""
    actor = current_actor()
    team = _team(actor)
    count = adhesions.review(db(), clock(), actor, request.form.getlist("acces"))
    if count:
        flash(_("Accès confirmés : %(n)s.", n=count), "succes")
    else:
        flash(_("Choisissez d’abord les accès à confirmer."), "attente")
    return see_other(_home(actor, team))


@bp.post("/invitations/<invitation_ref>/renvoyer")
@requires(Permission.COMPTES_INVITER)
def renvoyer(invitation_ref: str) -> Response:
    """Send an invitation again, with a new link."""
    actor = current_actor()
    invitation, team = invitations.manageable(db(), actor, invitation_ref)
    invitations.resend(db(), clock(), settings(), actor, invitation_ref)
    flash(_("L’invitation repart à %(email)s.", email=invitation.email), "succes")
    return see_other(_home(actor, team))


@bp.route("/invitations/<invitation_ref>/annuler", methods=["GET", "POST"])
@requires(Permission.COMPTES_INVITER)
def annuler(invitation_ref: str) -> Response:
    """Cancel an invitation."""
    actor = current_actor()
    invitation, team = invitations.manageable(db(), actor, invitation_ref)
    form = Formulaire()
    if form.validate_on_submit():
        invitations.revoke(db(), clock(), actor, invitation_ref)
        flash(_("L’invitation est annulée."), "succes")
        return see_other(_home(actor, team))
    return render_view(
        "comptes/equipe/confirmer.html",
        "comptes/equipe/_confirmer.html",
        fil=_fil(actor, team, _("Annuler une invitation")),
        titre=_("Annuler l’invitation de %(nom)s ?", nom=f"{invitation.prenom} {invitation.nom}"),
        texte=_("Le lien envoyé à %(email)s ne fonctionnera plus.", email=invitation.email),
        bouton=_("Annuler l’invitation"),
        form=form,
        action=url_for("equipe.annuler", invitation_ref=invitation_ref),
        annuler=_home(actor, team),
    )


def _team(actor: Actor) -> OrganisationLue:
    return queries.team_of(db(), actor, request.args.get("organisation"))


def _offer(form: Form, actor: Actor, team: OrganisationLue) -> Form:
    codes = adhesions.open_departements(actor, team)
    form.offer(grantable(actor, team), queries.departements_nommes(db(), codes))
    return form


def _may_edit(actor: Actor, acces: Acces) -> None:
    if not can(actor, Permission.COMPTES_MODIFIER, acces):
        raise Forbidden(Permission.COMPTES_MODIFIER.value)


def _named(actor: Actor, team: OrganisationLue) -> str | None:
    """Return the organisation that addresses must name: none for one's own."""
    return team.ref if team.id != actor.organisation_id else None


def _home(actor: Actor, team: OrganisationLue) -> str:
    return url_for("equipe.liste", organisation=_named(actor, team))


def _fil(actor: Actor, team: OrganisationLue, act: str = "") -> list[tuple[str, str]]:
    steps = [(_("Équipe"), url_for("equipe.liste"))]
    if team.id != actor.organisation_id:
        steps.append((team.nom, _home(actor, team)))
    if act:
        steps.append((act, ""))
    return steps if len(steps) > 1 else []
