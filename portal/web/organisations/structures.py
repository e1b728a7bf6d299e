"""Structures: the list, one of them, opening, changing, closing, and the natures to be said."""

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.organisations import queries, queries_structures, referentiel, structures
from portal.organisations.saisie import LignePlaces
from portal.security.permissions import OPERATEUR, Permission, Profil
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire, read_version
from portal.web.guards import requires
from portal.web.organisations import filtres, nomenclatures
from portal.web.organisations.forms import FormFermer
from portal.web.organisations.forms_structures import (
    FormStructure,
    Ligne,
    stored,
    typed_places,
)
from portal.web.organisations.routes import allowed, ask_again, fil_to, may_add_structure, status_of
from portal.web.render import render_view, see_other, url_avec

bp = Blueprint("structures", __name__, url_prefix="/structures")

QUEUE = 20  # structures to qualify on one page


@bp.get("")
@requires(Permission.ORGANISATIONS_LIRE)
def liste() -> Response:
    """The structures that the actor may see; filters and page are in the address."""
    actor = current_actor()
    owner = _owner(filtres.text("organisation", 16))
    filtre = filtres.structures(owner.id if owner else None)
    page = queries_structures.liste_structures(db(), actor, filtre, filtres.cursor())
    territoires = filtres.territoires()
    puces = filtres.puces(filtre, territoires)
    if owner is not None:
        puces.insert(0, (_("Organisation"), owner.nom, url_avec(organisation=None, curseur=None)))
    return render_view(
        "structures/liste.html",
        "structures/_liste.html",
        page=page,
        owner=owner,
        filtre=filtre,
        puces=puces,
        territoires=territoires,
        places=queries_structures.places_by_structure(db(), [row.id for row in page.rows]),
        libelles=nomenclatures.natures(),
        departements=nomenclatures.departement_choices(actor.departements),
        natures=nomenclatures.nature_choices(),
        categories=nomenclatures.categories_finess(),
    )


@bp.route("/a-qualifier", methods=["GET", "POST"])
@requires(Permission.STRUCTURES_MODIFIER)
def a_qualifier() -> Response:
    """The structures whose nature their FINESS category does not tell: say several at once."""
    form = Formulaire()
    if form.validate_on_submit():
        done, left = _qualify_all()
        if done:
            flash(ngettext("%(num)s nature enregistrée.", "%(num)s natures enregistrées.", done), "succes")
        for nom in left:
            flash(_("« %(nom)s » a changé entre-temps et n’est pas touchée.", nom=nom), "alerte")
        if not done and not left:
            flash(_("Aucune nature n’était choisie."), "info")
        return see_other(url_avec())
    actor = current_actor()
    filtre = filtres.structures(a_qualifier=True)
    page = queries_structures.liste_structures(db(), actor, filtre, filtres.cursor(), QUEUE)
    return render_view(
        "structures/a_qualifier.html",
        form=form,
        page=page,
        choix={
            row.categorie_finess: nomenclatures.nature_choices_for(row.categorie_finess) for row in page.rows
        },
        categories=nomenclatures.categories_finess(),
    )


def _qualify_all() -> tuple[int, list[str]]:
    """Write the natures chosen; return how many, and the names of those that changed meanwhile."""
    actor, done, left = current_actor(), 0, []
    for name, nature in list(request.form.items()):
        if not name.startswith("nature-") or not nature:
            continue
        ref = name.removeprefix("nature-")
        structure = queries_structures.structure(db(), actor, ref)
        allowed(actor, Permission.STRUCTURES_MODIFIER, structure)
        lines = [LignePlaces(row.nature_code, row.type_place, row.nombre) for row in structure.places]
        try:
            structures.edit_structure(
                db(),
                clock(),
                actor,
                structure,
                stored(structure),
                [*lines, LignePlaces(nature)],
                version=read_version(request.form.get(f"version-{ref}")),
            )
        except (StaleVersion, DomainError, DomainErrors):
            left.append(structure.nom)
        else:
            done += 1
    return done, left


@bp.get("/communes")
@requires(Permission.STRUCTURES_MODIFIER)
def communes() -> Response:
    """Names of communes for what is being typed."""
    typed = filtres.text("commune_code")
    found = referentiel.communes(db(), typed, filtres.text("departement_code", 3)) if len(typed) > 1 else []
    return render_view("structures/_communes.html", communes=found)


@bp.get("/<structure_ref>")
@requires(Permission.ORGANISATIONS_LIRE)
def detail(structure_ref: str) -> Response:
    """One structure: identity, natures and places."""
    structure = queries_structures.structure(db(), current_actor(), structure_ref)
    return render_view(
        "structures/detail.html",
        fil=_fil(structure),
        structure=structure,
        situation=referentiel.situation(db(), structure.commune_code),
        places=typed_places(structure),
        natures=nomenclatures.natures(),
        types=dict(nomenclatures.type_place_choices()),
        categories=nomenclatures.categories_finess(),
        departements=nomenclatures.departements(),
    )


@bp.route("/nouvelle/<organisation_ref>", methods=["GET", "POST"])
@requires(Permission.STRUCTURES_MODIFIER)
def ouvrir(organisation_ref: str) -> Response:
    """Open a structure of an organisation."""
    actor = current_actor()
    organisation = queries.organisation(db(), actor, organisation_ref)
    if organisation.fermee_le is None and not may_add_structure(actor, organisation):
        raise Forbidden(Permission.STRUCTURES_MODIFIER.value)
    form = FormStructure.opening(_departements())
    action = url_for("structures.ouvrir", organisation_ref=organisation_ref)
    if _line_button(form):
        return _form_page("structures/ouvrir.html", form, action, organisation=organisation)
    if form.validate_on_submit() and form.find_commune():
        try:
            made = structures.open_structure(
                db(),
                clock(),
                actor,
                organisation,
                form.saisie(),
                form.places.lines(),
                key=form.cle_idempotence.data or "",
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La structure « %(nom)s » est ouverte.", nom=made.nom), "succes")
            return see_other(url_for("structures.detail", structure_ref=made.ref))
    return _form_page("structures/ouvrir.html", form, action, organisation=organisation)


@bp.route("/<structure_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.STRUCTURES_MODIFIER)
def modifier(structure_ref: str) -> Response:
    """Change a structure, its natures and its places; a stale form is shown both versions."""
    actor = current_actor()
    structure = queries_structures.structure(db(), actor, structure_ref)
    allowed(actor, Permission.STRUCTURES_MODIFIER, structure)
    form = FormStructure.editing(structure, _departements())
    action = url_for("structures.modifier", structure_ref=structure_ref)
    rival = None
    if _line_button(form):
        return _form_page("structures/modifier.html", form, action, structure=structure)
    if form.validate_on_submit() and form.find_commune():
        try:
            structures.edit_structure(
                db(),
                clock(),
                actor,
                structure,
                form.saisie(),
                form.places.lines(),
                version=form.version_number,
            )
        except StaleVersion:
            db().expire_all()
            structure = queries_structures.structure(db(), actor, structure_ref)
            rival = conflict(
                structure, FormStructure.editing(structure, _departements(), formdata=None), form, action
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La structure est enregistrée."), "succes")
            return see_other(url_for("structures.detail", structure_ref=structure_ref))
    return _form_page("structures/modifier.html", form, action, structure=structure, rival=rival)


@bp.route("/<structure_ref>/fermer", methods=["GET", "POST"])
@requires(Permission.STRUCTURES_MODIFIER)
def fermer(structure_ref: str) -> Response:
    """Close a structure on a day."""
    actor = current_actor()
    structure = queries_structures.structure(db(), actor, structure_ref)
    allowed(actor, Permission.STRUCTURES_MODIFIER, structure)
    form = FormFermer.of(structure.version, clock().today(actor.fuseau))
    overtaken = False
    if form.validate_on_submit():
        try:
            structures.close_structure(db(), clock(), actor, structure, form.day, version=form.version_number)
        except StaleVersion:
            overtaken = ask_again(form, structure)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La structure « %(nom)s » est fermée.", nom=structure.nom), "succes")
            return see_other(url_for("structures.detail", structure_ref=structure_ref))
    return render_view(
        "organisations/fermer.html",
        "organisations/_fermer.html",
        status=409 if overtaken else status_of(form),
        fil=_fil(structure, _("Fermer")),
        titre=_("Fermer « %(nom)s » ?", nom=structure.nom),
        texte=_("Ses places ne seront plus comptées. Sa fiche et son historique restent lisibles."),
        bouton=_("Fermer la structure"),
        form=form,
        action=url_for("structures.fermer", structure_ref=structure_ref),
        annuler=url_for("structures.detail", structure_ref=structure_ref),
    )


def _owner(ref: str) -> Any:
    return queries.organisation(db(), current_actor(), ref) if ref else None


def _departements() -> tuple[str, ...]:
    """Return where the actor may place a structure: an operator's may stand anywhere."""
    actor = current_actor()
    if actor.profil in OPERATEUR | {Profil.ADMIN_ORGANISATION}:
        own = actor.departement_code
        return (own, *(code for code in nomenclatures.departements() if code != own))
    return actor.departements


def _line_button(form: FormStructure) -> bool:
    """Add or remove the line of places asked for by a button; nothing is checked nor written then."""
    removed = request.form.get("retirer_ligne", "")
    if removed.isdecimal() and len(removed) < 4 and int(removed) < len(form.places.data):
        del form.places.data[int(removed)]
    elif "ajouter_ligne" in request.form:
        form.places.data.append(Ligne())
    return bool(removed) or "ajouter_ligne" in request.form


def _form_page(template: str, form: FormStructure, action: str, **context: Any) -> Response:
    organisation, structure = context.get("organisation"), context.get("structure")
    if not form.places.data:
        form.places.data.append(Ligne())
    if structure is not None:
        fil, back = _fil(structure, _("Modifier")), url_for("structures.detail", structure_ref=structure.ref)
    else:
        assert organisation is not None
        back = url_for("organisations.detail", organisation_ref=organisation.ref)
        fil = [*fil_to(), (organisation.nom, back), (_("Nouvelle structure"), "")]
    return render_view(
        template,
        "structures/_formulaire.html",
        status=409 if context.get("rival") else status_of(form),
        fil=fil,
        form=form,
        action=action,
        annuler=back,
        natures=nomenclatures.nature_choices_for(structure.categorie_finess if structure else None),
        types=nomenclatures.type_place_choices(),
        **context,
    )


def _fil(structure: Any, act: str = "") -> list[tuple[str, str]]:
    organisation = structure.organisation
    steps = [
        *fil_to(),
        (organisation.nom, url_for("organisations.detail", organisation_ref=organisation.ref)),
        (structure.nom, url_for("structures.detail", structure_ref=structure.ref)),
    ]
    return [*steps, (act, "")] if act else steps
