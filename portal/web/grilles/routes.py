"""The grid of a département: reading it, adapting its questions together, validating, publishing."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.enums import Partie
from portal.conventions.modeles.comparaison import LIBELLES_CHANGEMENT
from portal.conventions.modeles.enums import StatutVersion
from portal.conventions.modeles.policies import partie_pilote
from portal.grilles import queries, service
from portal.grilles.comparaison import differences, textes
from portal.grilles.contenu import Item
from portal.grilles.enums import (
    LIBELLES_P1_SI,
    LIBELLES_PORTEE,
    LIBELLES_REPONSE_ITEM,
    Portee,
)
from portal.grilles.policies import departements_lus
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.forms import domain_message
from portal.web.grilles.forms import (
    FormSimple,
    formulaire,
    formulaire_ajout,
    nom_champ,
    reponse_choisie,
    saisie,
)
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.render import render_view, see_other

bp = Blueprint("grilles", __name__, url_prefix="/grille")

TONS = {Portee.P1: "ton-info", Portee.P2: "ton-neutre", Portee.P3: "ton-alerte"}


@bp.get("")
@requires(Permission.GRILLES_LIRE)
def index() -> Response:
    """The version in the making, else the last published one, else the national grid."""
    departement = queries.departement_choisi(current_actor(), request.args.get("departement"))
    return _page(queries.derniere(db(), departement) or queries.nationale(db()), departement)


@bp.get("/versions/<grille_ref>")
@requires(Permission.GRILLES_LIRE)
def version(grille_ref: str) -> Response:
    """One version."""
    lue = queries.version(db(), current_actor(), grille_ref)
    return _page(lue, lue.departement_code or departements_lus(current_actor())[0])


@bp.post("/brouillon")
@requires(Permission.GRILLES_MODIFIER)
def brouillon() -> Response:
    """Open the draft of the next version."""
    departement = queries.departement_choisi(current_actor(), request.form.get("departement"))
    draft = service.ouvrir_brouillon(db(), clock(), current_actor(), departement)
    flash(_("Le brouillon de la grille %(numero)s est ouvert.", numero=draft.numero), "succes")
    return see_other(url_for("grilles.version", grille_ref=draft.ref))


@bp.route("/versions/<grille_ref>/questions/<question>", methods=["GET", "POST"])
@requires(Permission.GRILLES_MODIFIER)
def question(grille_ref: str, question: str) -> Response:
    """One question of a draft: what it says, why it changes, its history."""
    lue = queries.version(db(), current_actor(), grille_ref)
    row = next((row for row in lue.items if row.code == question), None)
    if row is None or lue.departement_code is None:
        raise NotVisible(question)
    item = queries.item(row)
    form = formulaire(item, row.version)
    base = url_for("grilles.version", grille_ref=grille_ref)
    status, rival = 200, None
    if form.validate_on_submit():
        try:
            draft = service.modifier_item(
                db(), clock(), current_actor(), grille_ref, question, saisie(form, item), form.version_number
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
            status = 422
        except StaleVersion as stale:
            rival = _rival(stale.current, form, request.path)
            status = 409
        else:
            flash(_("La question %(code)s est enregistrée.", code=question), "succes")
            return see_other(f"{base}?etat={draft.version}#question-{question}")
    elif form.errors:
        status = 422
    return render_view(
        "grilles/question.html",
        "grilles/_question.html",
        status=status,
        form=form,
        item=item,
        version=lue,
        rival=rival,
        action=request.path,
        retour=f"{base}#question-{question}",
        historique=[_evenement(c) for c in queries.historique(db(), lue.departement_code, question)],
    )


@bp.route("/versions/<grille_ref>/questions", methods=["GET", "POST"])
@requires(Permission.GRILLES_MODIFIER)
def ajouter(grille_ref: str) -> Response:
    """Add a question of the département to a draft."""
    lue = queries.version(db(), current_actor(), grille_ref)
    if lue.departement_code is None:
        raise NotVisible(grille_ref)
    form = formulaire_ajout(queries.contenu(lue), lue.version)
    base = url_for("grilles.version", grille_ref=grille_ref)
    status = 200
    if form.validate_on_submit():
        try:
            row = service.ajouter_item(
                db(),
                clock(),
                current_actor(),
                grille_ref,
                section=form.section.data,
                libelle=form.libelle.data or "",
                aide=form.aide.data or "",
                reponse=reponse_choisie(form),
                portee=Portee(form.portee.data),
                choix=form.choix_reponse.data or "",
                motif=form.motif.data or "",
                version=form.version_number,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
            status = 422
        except StaleVersion as stale:
            form.version.data = str(stale.current.version)
            text = _(
                "La grille a changé entre-temps : vérifiez que cette question n’y est pas, puis ajoutez-la."
            )
            form.form_errors = [*form.form_errors, text]
            status = 409
        else:
            flash(_("La question %(code)s est ajoutée.", code=row.code), "succes")
            return see_other(f"{base}?etat={row.code}#question-{row.code}")
    elif form.errors:
        status = 422
    return render_view(
        "grilles/ajouter.html", "grilles/_ajouter.html", status=status, form=form, version=lue, retour=base
    )


@bp.post("/versions/<grille_ref>/valider")
@requires(Permission.GRILLES_ENGAGER)
def valider(grille_ref: str) -> Response:
    """Validate the draft for one's party."""
    return _agir(grille_ref, service.valider, _("Votre validation est enregistrée."))


@bp.post("/versions/<grille_ref>/publier")
@requires(Permission.GRILLES_ENGAGER)
def publier(grille_ref: str) -> Response:
    """Publish the draft that everyone validated."""
    return _agir(grille_ref, service.publier, _("La grille est publiée et datée : elle ne change plus."))


@bp.get("/versions/<grille_ref>/comparaison")
@requires(Permission.GRILLES_LIRE)
def comparaison(grille_ref: str) -> Response:
    """What differs between a version and the national grid, or another version of the département."""
    lue = queries.version(db(), current_actor(), grille_ref)
    if lue.departement_code is None:
        raise NotVisible(grille_ref)
    versions = queries.versions(db(), current_actor(), lue.departement_code)
    choix = [("nationale", _("la grille nationale"))]
    choix += [
        (v.ref, _("la grille %(numero)s du département", numero=v.numero))
        for v in versions
        if v.ref != lue.ref
    ]
    precedente = next((v.ref for v in versions if v.numero == lue.numero - 1), "nationale")
    avec = request.args.get("avec") or precedente
    if avec not in dict(choix):
        raise NotVisible(avec)
    autre = queries.nationale(db()) if avec == "nationale" else queries.version(db(), current_actor(), avec)
    return render_view(
        "grilles/comparaison.html",
        version=lue,
        avec=avec,
        choix=choix,
        changements=LIBELLES_CHANGEMENT,
        differences=differences(
            textes(queries.contenu(autre), _nom_portee, _nom_reponse),
            textes(queries.contenu(lue), _nom_portee, _nom_reponse),
        ),
    )


def _page(lue: Any, departement: str, status: int = 200, refus: str = "") -> Response:
    actor = current_actor()
    versions = queries.versions(db(), actor, departement)
    modifiable = lue.departement_code is not None and lue.statut is StatutVersion.BROUILLON
    validations = queries.validations(db(), lue) if modifiable else []
    grille = queries.contenu(lue)
    retirees = sum(not item.posee for item in grille.items())
    return render_view(
        "grilles/index.html",
        status=status,
        refus=refus,
        version=lue,
        grille=grille,
        locales={row.code for row in lue.items if row.locale},
        retirees=retirees,
        posees=sum(1 for _item in grille.items()) - retirees,
        versions=versions,
        brouillon=next((v for v in versions if v.statut is StatutVersion.BROUILLON), None),
        departement=departement,
        nom=nomenclatures.departements().get(departement, departement),
        departements=departements_lus(actor),
        modifiable=modifiable and can(actor, Permission.GRILLES_MODIFIER, lue),
        validations=validations,
        a_mon_tour=_a_mon_tour(validations) and can(actor, Permission.GRILLES_ENGAGER, lue),
        portees=LIBELLES_PORTEE,
        tons=TONS,
        p1_si=LIBELLES_P1_SI,
        reponses=LIBELLES_REPONSE_ITEM,
        statuts=StatutVersion,
        form=FormSimple(data={"version": str(lue.version)}),
    )


def _agir(grille_ref: str, act: Callable[..., Any], succes: str) -> Response:
    """Act on a draft as it was read, then come back to it; a refusal is told on the same page."""
    try:
        act(db(), clock(), current_actor(), grille_ref, FormSimple().version_number)
    except DomainError as error:
        status, refus = 422, domain_message(error)
    except StaleVersion:
        status = 409
        refus = _("Cette grille a changé depuis que vous l’avez lue : relisez-la, puis recommencez.")
    else:
        flash(succes, "succes")
        return see_other(url_for("grilles.version", grille_ref=grille_ref))
    lue = queries.version(db(), current_actor(), grille_ref)
    return _page(lue, lue.departement_code or "", status=status, refus=refus)


def _a_mon_tour(validations: Any) -> bool:
    actor = current_actor()
    if not can(actor, Permission.GRILLES_ENGAGER):
        return False
    partie = partie_pilote(actor)
    return any(
        p.le is None
        and p.partie is partie
        and (partie is Partie.ETAT or p.organisation_id == actor.organisation_id)
        for p in validations
    )


def _rival(row: Any, form: Any, reload: str) -> dict[str, Any]:
    """Return the arguments of the macro `conflit`, and give the form the version to save over."""
    form.version.data = str(row.version)
    enregistre = formulaire(queries.item(row), row.version)
    lignes = [
        (field.label.text, _lisible(enregistree.object_data), _lisible(field.data))
        for field in form
        if (enregistree := enregistre._fields.get(field.name)) is not None
        and getattr(field.widget, "input_type", "") != "hidden"
        and field.name != "motif"
    ]
    return {
        "lignes": lignes,
        "auteur": row.modifie_par,
        "quand": _("le %(quand)s", quand=show_datetime(row.modifie_le)) if row.modifie_le else "",
        "recharger": reload,
    }


def _lisible(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Oui") if value else _("Non")
    return ", ".join(value.splitlines()) if isinstance(value, str) else value


_QUOI = {
    "libelle": lambda: _("la question"),
    "aide": lambda: _("l’aide"),
    "posee": lambda: _("la poser ou non"),
    "portee": lambda: _("qui peut la lire"),
    "choix": lambda: _("les choix"),
    "champs": lambda: _("la réponse"),
}


def _evenement(changement: queries.Changement) -> dict[str, Any]:
    quoi = dict.fromkeys(_QUOI[cle.split(".")[0]]() for cle in changement.quoi)
    return {
        "quand": show_datetime(changement.le),
        "auteur": changement.auteur,
        "titre": _("Grille %(numero)s : %(quoi)s", numero=changement.version, quoi=", ".join(quoi)),
        "detail": _("Motif : %(motif)s", motif=changement.motif),
        "ton": "info",
    }


def _nom_portee(portee: Portee) -> str:
    return f"{portee.value} – {_(LIBELLES_PORTEE[portee])}"


def _nom_reponse(item: Item, rang: int) -> str:
    champ = item.champs[rang]
    nom = nom_champ(champ)
    reponse = _(LIBELLES_REPONSE_ITEM[champ.reponse])
    return _("%(champ)s : %(valeur)s", champ=nom, valeur=reponse) if nom else reponse
