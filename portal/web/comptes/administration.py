"""All the accounts, for the technical administrator: closed, opened, freed of a lost second factor."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from portal.comptes import comptes, queries
from portal.comptes.policies import Acces
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, StaleVersion
from portal.shared.pagination import Cursor
from portal.web.comptes import entree
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.render import render_view, see_other

bp = Blueprint("administration", __name__, url_prefix="/comptes")


@bp.get("")
@requires(Permission.TECHNIQUE_SUPERVISER)
def liste() -> Response:
    """Every account, by name; `q` searches names and e-mails."""
    texte = request.args.get("q", "").strip()[:100]
    return render_view(
        "comptes/administration/liste.html",
        "comptes/administration/_liste.html",
        page=queries.comptes(db(), current_actor(), texte, Cursor.decode(request.args.get("curseur"))),
        texte=texte,
    )


@bp.get("/<personne_ref>")
@requires(Permission.TECHNIQUE_SUPERVISER)
def detail(personne_ref: str) -> Response:
    """One account and its memberships."""
    actor = current_actor()
    personne = queries.compte(db(), actor, personne_ref)
    return render_view(
        "comptes/administration/detail.html",
        fil=_fil(personne.nom_complet),
        personne=personne,
        acces=queries.acces_de(db(), personne.id),
        modifiable=can(actor, Permission.COMPTES_MODIFIER, Acces(personne.id)),
    )


@bp.route("/<personne_ref>/desactiver", methods=["GET", "POST"])
@requires(Permission.TECHNIQUE_SUPERVISER)
def desactiver(personne_ref: str) -> Response:
    """Close an account."""
    return _act(
        personne_ref,
        comptes.deactivate,
        titre=_("Fermer ce compte ?"),
        texte=_("La personne est déconnectée aussitôt et ne peut plus se connecter. Rien n’est effacé."),
        bouton=_("Fermer le compte"),
        fait=_("Le compte est fermé."),
    )


@bp.route("/<personne_ref>/reactiver", methods=["GET", "POST"])
@requires(Permission.TECHNIQUE_SUPERVISER)
def reactiver(personne_ref: str) -> Response:
    """Open an account again."""
    return _act(
        personne_ref,
        comptes.reactivate,
        titre=_("Rouvrir ce compte ?"),
        texte=_("La personne retrouve les accès qui n’ont pas été retirés."),
        bouton=_("Rouvrir le compte"),
        fait=_("Le compte est rouvert."),
    )


@bp.route("/<personne_ref>/second-facteur", methods=["GET", "POST"])
@requires(Permission.TECHNIQUE_SUPERVISER)
def second_facteur(personne_ref: str) -> Response:
    """Take off a second factor that was lost."""
    return _act(
        personne_ref,
        comptes.remove_second_factor,
        titre=_("Retirer le second facteur de ce compte ?"),
        texte=_(
            "Assurez-vous par un autre moyen que c’est bien cette personne qui le demande. "
            "Elle est déconnectée aussitôt, et prévenue par courriel."
        ),
        bouton=_("Retirer le second facteur"),
        fait=_("Le second facteur est retiré."),
    )


def _act(personne_ref: str, act: Callable[..., None], *, fait: str, **texts: str) -> Response:
    """Ask once, then do."""
    personne = queries.compte(db(), current_actor(), personne_ref)
    form = Formulaire(data={"version": personne.version})
    back = url_for("administration.detail", personne_ref=personne_ref)
    status = 200
    if form.validate_on_submit():
        try:
            act(db(), clock(), current_actor(), personne_ref, version=form.version_number)
        except StaleVersion as stale:
            form.version.data = str(stale.current.version)
            form.form_errors = [_("Ce compte a changé pendant que vous le lisiez. Confirmez de nouveau.")]
            status = 409
        except DomainError as error:
            form.refuse(error)
            status = entree.status_of(form)
        else:
            flash(fait, "succes")
            return see_other(back)
    return render_view(
        "comptes/equipe/confirmer.html",
        "comptes/equipe/_confirmer.html",
        status=status,
        fil=[*_fil(personne.nom_complet, back), (texts["bouton"], "")],
        form=form,
        action=request.path,
        annuler=back,
        **texts,
    )


def _fil(nom: str, href: str = "") -> list[tuple[str, str]]:
    return [(_("Comptes"), url_for("administration.liste")), (nom, href)]
