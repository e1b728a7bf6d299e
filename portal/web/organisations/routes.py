"""Organisations: the list, one of them, opening, joining, changing, closing."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _

from portal.comptes import invitations
from portal.comptes.policies import grantable
from portal.comptes.territoire import OrganisationLue
from portal.organisations import queries, queries_structures, service
from portal.organisations.enums import LIBELLES_TYPE, TypeOrganisation
from portal.organisations.service import SHARED_SIREN
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.shared.messages import N_, register
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations import filtres, nomenclatures
from portal.web.organisations.forms import FormFermer, FormOrganisation, FormRattacher
from portal.web.render import render_view, see_other

bp = Blueprint("organisations", __name__, url_prefix="/organisations")

Fil = list[tuple[str, str]]

# The profile of the first person invited, in order of preference: a State service gets who opens the others.
FIRST = (Profil.ADMIN_DEPARTEMENT, Profil.ADMIN_ORGANISATION)

register(
    {
        "organisations.invitation_impossible": N_(
            "Vous ne pouvez pas inviter dans une organisation de ce type. Ouvrez-la sans inviter."
        )
    }
)


@bp.get("")
@requires(Permission.ORGANISATIONS_LIRE)
def liste() -> Response:
    """The organisations that the actor may see; filters, sort and page are in the address."""
    actor, filtre, tri = current_actor(), filtres.organisations(), filtres.sort()
    territoires = filtres.territoires()
    return render_view(
        "organisations/liste.html",
        "organisations/_liste.html",
        page=queries.liste(db(), actor, filtre, filtres.cursor(), tri=tri),
        tri=tri,
        filtre=filtre,
        puces=filtres.puces(filtre, territoires),
        territoires=territoires,
        types={kind: _(label) for kind, label in LIBELLES_TYPE.items()},
        departements=_departements_of(actor),
        natures=nomenclatures.nature_choices(),
        categories=nomenclatures.categorie_choices(),
    )


@bp.get("/<organisation_ref>")
@requires(Permission.ORGANISATIONS_LIRE)
def detail(organisation_ref: str) -> Response:
    """One organisation: identity, categories, territory, structures and places."""
    actor = current_actor()
    fiche = queries.fiche(db(), actor, organisation_ref)
    places = queries_structures.places_by_structure(db(), [row.id for row in fiche.structures])
    return render_view(
        "organisations/detail.html",
        fil=fil_to((fiche.organisation.nom, "")),
        fiche=fiche,
        organisation=fiche.organisation,
        places=places,
        totaux=_totals(fiche, places),
        natures=nomenclatures.natures(),
        categories=dict(nomenclatures.categorie_choices()),
        voit_structures=_sees_structures(actor, fiche),
        equipe=can(
            actor, Permission.COMPTES_LIRE, _team(fiche.organisation, (d.code for d in fiche.departements))
        ),
        ajoute_structure=may_add_structure(actor, fiche.organisation),
    )


@bp.route("/nouvelle", methods=["GET", "POST"])
@requires(Permission.ORGANISATIONS_OUVRIR)
def ouvrir() -> Response:
    """Open an organisation."""
    actor = current_actor()
    technique = actor.profil is Profil.ADMIN_TECHNIQUE
    form = FormOrganisation.opening(
        [TypeOrganisation.ETAT] if technique else list(TypeOrganisation),
        None if technique else actor.departements,
    )
    if form.validate_on_submit():
        try:
            made = service.open_organisation(
                db(), clock(), actor, form.saisie(), key=form.cle_idempotence.data or ""
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            if not form.invites or _invite_first(form, made):
                flash(_("L’organisation « %(nom)s » est ouverte.", nom=made.nom), "succes")
                return see_other(url_for("organisations.detail", organisation_ref=made.ref))
    return render_view(
        "organisations/ouvrir.html",
        "organisations/_formulaire.html",
        status=status_of(form),
        fil=fil_to((_("Ouvrir une organisation"), "")),
        form=form,
        action=url_for("organisations.ouvrir"),
        annuler=url_for("organisations.liste"),
    )


def _invite_first(form: FormOrganisation, made: Any) -> bool:
    """Invite the first administrator in the transaction that opens; tell whether it could be done."""
    actor = current_actor()
    team = _team(made, (d.departement_code for d in made.departements))
    allowed_here = grantable(actor, team)
    first = next((p for p in FIRST if p in allowed_here), None)
    if first is None:
        form.refuse_invitation(DomainError("organisations.invitation_impossible"))
        return False
    try:
        invitations.invite(
            db(),
            clock(),
            settings(),
            actor,
            team,
            form.invitation(first),
            key=form.cle_idempotence.data or "",
        )
    except DomainError as error:
        form.refuse_invitation(error)
        return False
    return True


def _team(organisation: Any, codes: Iterable[str]) -> OrganisationLue:
    """Return the organisation as the room of accounts reads it."""
    return OrganisationLue(
        organisation.id,
        organisation.ref,
        organisation.nom,
        organisation.type.value,
        tuple(sorted(codes)),
        organisation.fermee_le is None,
        organisation.departement_code,
    )


@bp.route("/rattacher", methods=["GET", "POST"])
@requires(Permission.ORGANISATIONS_IMPORTER)
def rattacher() -> Response:
    """Let an organisation opened by another département work in the actor's too."""
    actor = current_actor()
    form = FormRattacher(data={"departement_code": actor.departement_code})
    kinds = [kind for kind in TypeOrganisation if kind not in SHARED_SIREN]
    form.type.choices = nomenclatures.type_options(kinds)
    form.departement_code.choices = nomenclatures.options(
        nomenclatures.departement_choices(actor.departements)
    )
    if form.validate_on_submit():
        try:
            joined = service.join_departement(
                db(),
                clock(),
                actor,
                TypeOrganisation(form.type.data),
                form.siren.data or "",
                form.departement_code.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(
                _("« %(nom)s » intervient désormais dans votre département.", nom=joined.nom),
                "succes",
            )
            return see_other(url_for("organisations.detail", organisation_ref=joined.ref))
    return render_view(
        "organisations/rattacher.html",
        status=status_of(form),
        fil=fil_to((_("Rattacher une organisation"), "")),
        form=form,
    )


@bp.route("/<organisation_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.ORGANISATIONS_MODIFIER)
def modifier(organisation_ref: str) -> Response:
    """Change an organisation; a stale form is shown both versions."""
    actor = current_actor()
    fiche = queries.fiche(db(), actor, organisation_ref)
    allowed(actor, Permission.ORGANISATIONS_MODIFIER, fiche.organisation)
    form = FormOrganisation.editing(fiche)
    here = url_for("organisations.modifier", organisation_ref=organisation_ref)
    rival = None
    if form.validate_on_submit():
        try:
            service.edit_organisation(
                db(),
                clock(),
                actor,
                fiche.organisation,
                form.saisie(fiche.organisation.type),
                version=form.version_number,
            )
        except StaleVersion:
            db().expire_all()
            fiche = queries.fiche(db(), actor, organisation_ref)
            stored = FormOrganisation.editing(fiche, formdata=None)
            rival = conflict(fiche.organisation, stored, form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("L’organisation est enregistrée."), "succes")
            return see_other(url_for("organisations.detail", organisation_ref=organisation_ref))
    return render_view(
        "organisations/modifier.html",
        "organisations/_formulaire.html",
        status=409 if rival else status_of(form),
        fil=fil_of(fiche.organisation, _("Modifier")),
        organisation=fiche.organisation,
        form=form,
        rival=rival,
        action=here,
        annuler=url_for("organisations.detail", organisation_ref=organisation_ref),
    )


@bp.route("/<organisation_ref>/fermer", methods=["GET", "POST"])
@requires(Permission.ORGANISATIONS_MODIFIER)
def fermer(organisation_ref: str) -> Response:
    """Close an organisation on a day, its structures being closed already."""
    actor = current_actor()
    organisation = queries.organisation(db(), actor, organisation_ref)
    allowed(actor, Permission.ORGANISATIONS_MODIFIER, organisation)
    form = FormFermer.of(organisation.version, clock().today(actor.fuseau))
    overtaken = False
    if form.validate_on_submit():
        try:
            service.close_organisation(
                db(), clock(), actor, organisation, form.day, version=form.version_number
            )
        except StaleVersion:
            overtaken = ask_again(form, organisation)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("L’organisation « %(nom)s » est fermée.", nom=organisation.nom), "succes")
            return see_other(url_for("organisations.detail", organisation_ref=organisation_ref))
    return render_view(
        "organisations/fermer.html",
        "organisations/_fermer.html",
        status=409 if overtaken else status_of(form),
        fil=fil_of(organisation, _("Fermer")),
        titre=_("Fermer « %(nom)s » ?", nom=organisation.nom),
        texte=_(
            "Elle ne sera plus proposée nulle part, et les accès de ses membres sont retirés aussitôt. Ses "
            "conventions et son historique restent lisibles."
        ),
        bouton=_("Fermer l’organisation"),
        form=form,
        action=url_for("organisations.fermer", organisation_ref=organisation_ref),
        annuler=url_for("organisations.detail", organisation_ref=organisation_ref),
    )


def allowed(actor: Actor, permission: Permission, obj: Any) -> None:
    """Refuse (403) what the actor sees and may not do."""
    if not can(actor, permission, obj):
        raise Forbidden(permission.value)


def ask_again(form: FormFermer, current: Any) -> bool:
    """Tell that the record changed meanwhile: the question is asked anew, over the present version."""
    form.version.data = str(current.version)
    form.form_errors = [
        _("Cette fiche a changé pendant que vous la lisiez. Relisez-la, puis confirmez de nouveau.")
    ]
    return True


def may_add_structure(actor: Actor, organisation: Any) -> bool:
    """Tell whether the actor may open a structure of this organisation, which is open."""
    return organisation.fermee_le is None and any(
        can(actor, Permission.STRUCTURES_MODIFIER, Place(organisation.id, code))
        for code in actor.departements
    )


class Place:
    """What the policy reads of a structure that does not exist yet."""

    def __init__(self, organisation_id: int, departement_code: str) -> None:
        self.organisation_id = organisation_id
        self.departement_code = departement_code


def _sees_structures(actor: Actor, fiche: queries.FicheOrganisation) -> bool:
    return bool(fiche.structures) or may_add_structure(actor, fiche.organisation)


def _totals(fiche: queries.FicheOrganisation, places: dict[int, list[Any]]) -> dict[str, int | None]:
    """Return the places by nature over the open structures that are shown; None: no number is known."""
    totals: dict[str, int | None] = {}
    for row in fiche.structures:
        for line in places.get(row.id, []) if row.fermee_le is None else []:
            known = [n for n in (totals.get(line.nature_code), line.nombre) if n is not None]
            totals[line.nature_code] = sum(known) if known else None
    return totals


def _departements_of(actor: Actor) -> nomenclatures.Choices:
    return nomenclatures.departement_choices(
        None if actor.profil is Profil.ADMIN_TECHNIQUE else actor.departements
    )


def status_of(form: Formulaire) -> int:
    """Return the status of a page holding this form: 422 once something in it was refused."""
    return 422 if form.errors else 200


def fil_to(*steps: tuple[str, str]) -> Fil:
    return [(_("Organisations"), url_for("organisations.liste")), *steps]


def fil_of(organisation: Any, act: str) -> Fil:
    return fil_to(
        (organisation.nom, url_for("organisations.detail", organisation_ref=organisation.ref)), (act, "")
    )
