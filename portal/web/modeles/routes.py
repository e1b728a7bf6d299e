"""The model of the CTP and the département's version: reading, writing the green parts, agreeing on them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.enums import Statut
from portal.conventions.modeles import queries, service
from portal.conventions.modeles.comparaison import LIBELLES_CHANGEMENT, differences, textes
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.enums import LIBELLES_SOURCE, StatutVersion
from portal.conventions.modeles.policies import departements_lus, partie_pilote
from portal.conventions.modeles.verts import ChampVert, champ_vert
from portal.conventions.parametres import CUMUL, LECTURE_VEILLE
from portal.conventions.redaction.perimees import perimees
from portal.organisations.natures import fuseaux
from portal.organisations.parametres import value
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.modeles import rendu
from portal.web.modeles.forms import FormSimple, formulaire, libelle, saisie
from portal.web.organisations import nomenclatures
from portal.web.render import render_view, see_other, url_avec

bp = Blueprint("modeles", __name__, url_prefix="/modele")

COURANTS = {"modele-courant": Gabarit.GENERAL, "modele-courant-simplifie": Gabarit.SIMPLIFIE}
"""What a version may be compared with: the present national models, each with the one that it follows."""


@bp.get("")
@requires(Permission.MODELES_LIRE)
def index() -> Response:
    """The version in the making, else the last published one, else the national model alone."""
    actor = current_actor()
    departement = queries.departement_choisi(actor, request.args.get("departement"))
    versions = queries.versions(db(), actor, departement)
    if versions:
        return _page(queries.version(db(), actor, versions[0].ref), departement, versions)
    return _page(None, departement, versions)


@bp.get("/natures")
@requires(Permission.MODELES_LIRE)
def natures() -> Response:
    """Where each nature of dispositif stands in the model: its sub-clause of 7.3, its family, or why none."""
    actor = current_actor()
    departement = queries.departement_choisi(actor, request.args.get("departement"))
    courant = queries.courants(db(), departement)[Gabarit.GENERAL]
    strict = value(db(), LECTURE_VEILLE, departement) == CUMUL
    return render_view(
        "modeles/natures.html",
        lignes=rendu.natures(queries.modele(db(), courant.id), nomenclatures.natures(), strict=strict),
    )


@bp.get("/versions/<version_ref>")
@requires(Permission.MODELES_LIRE)
def version(version_ref: str) -> Response:
    """One version of the département."""
    actor = current_actor()
    lue = queries.version(db(), actor, version_ref)
    versions = queries.versions(db(), actor, lue.departement_code)
    return _page(lue, lue.departement_code, versions)


@bp.post("/brouillon")
@requires(Permission.MODELES_MODIFIER)
def brouillon() -> Response:
    """Open the draft of the next version."""
    departement = queries.departement_choisi(current_actor(), request.form.get("departement"))
    draft = service.ouvrir_brouillon(db(), clock(), current_actor(), departement)
    flash(_("Le brouillon de la version %(numero)s est ouvert.", numero=draft.numero), "succes")
    return see_other(url_for("modeles.version", version_ref=draft.ref))


@bp.route("/versions/<version_ref>/champs/<clause>/<champ>", methods=["GET", "POST"])
@requires(Permission.MODELES_MODIFIER)
def champ(version_ref: str, clause: str, champ: str) -> Response:
    """One green field: its value, its reason, its history."""
    actor = current_actor()
    lue = queries.version(db(), actor, version_ref)
    vert = _champ(lue, clause, champ)
    row = next((c for c in lue.champs if (c.clause_code, c.parametre_code) == (clause, vert.code)), None)
    form = formulaire(vert, row.version if row else 0)
    base = url_for("modeles.version", version_ref=version_ref)
    context: dict[str, Any] = {"rival": None}
    status = 200
    if form.validate_on_submit():
        try:
            draft = service.modifier_champ(
                db(),
                clock(),
                actor,
                version_ref,
                clause=clause,
                parametre=vert.code,
                valeur=saisie(form),
                motif=form.motif.data or "",
                version=form.version_number,
            )
        except DomainError as error:
            form.refuse(error)
            status = 422
        except StaleVersion as stale:
            context["rival"] = _rival(vert, stale.current, form, rendu.adresse(base, vert))
            status = 409
        else:
            flash(_("« %(champ)s » est enregistré.", champ=libelle(vert)), "succes")
            # A new address: one that differs by its anchor alone would not be loaded again.
            return see_other(f"{base}?etat={draft.version}#clause-{clause}")
    elif form.errors:
        status = 422
    changements = queries.historique(db(), lue.departement_code, clause, vert.code)
    return render_view(
        "modeles/champ.html",
        "modeles/_champ.html",
        status=status,
        form=form,
        champ=vert,
        version=lue,
        action=rendu.adresse(base, vert),
        retour=f"{base}#clause-{clause}",
        historique=rendu.historique(vert, changements),
        validations=sum(p.le is not None for p in queries.validations(db(), lue)),
        **context,
    )


@bp.post("/versions/<version_ref>/valider")
@requires(Permission.MODELES_ENGAGER)
def valider(version_ref: str) -> Response:
    """Validate the draft for one's party."""
    return _agir(version_ref, service.valider, _("Votre validation est enregistrée."))


@bp.post("/versions/<version_ref>/publier")
@requires(Permission.MODELES_ENGAGER)
def publier(version_ref: str) -> Response:
    """Publish the draft that everyone validated."""
    return _agir(version_ref, service.publier, _("La version est publiée et datée : elle ne change plus."))


@bp.post("/versions/<version_ref>/rebaser")
@requires(Permission.MODELES_MODIFIER)
def rebaser(version_ref: str) -> Response:
    """Put the draft on the present national model."""
    lost: list[tuple[str, str]] = []

    def act(*args: Any) -> None:
        lost.extend(service.rebaser(*args))

    response = _agir(version_ref, act, _("Le brouillon suit maintenant le dernier modèle national."))
    if lost:
        text = ngettext(
            "%(num)s champ ne tient plus et reprend la valeur du nouveau modèle : %(liste)s.",
            "%(num)s champs ne tiennent plus et reprennent la valeur du nouveau modèle : %(liste)s.",
            len(lost),
            liste=", ".join(clause for clause, _parametre in lost),
        )
        flash(text, "alerte")
    return response


@bp.get("/versions/<version_ref>/comparaison")
@requires(Permission.MODELES_LIRE)
def comparaison(version_ref: str) -> Response:
    """What differs between a version and the national model, another version, or a newer national model."""
    actor = current_actor()
    lue = queries.version(db(), actor, version_ref)
    versions = queries.versions(db(), actor, lue.departement_code)
    avec = request.args.get("avec") or _par_defaut(lue, versions)
    modele, ecrits = queries.modele(db(), lue.general_id), queries.ecrits(lue)
    if avec == "national":
        changes = differences(textes(modele, {}), textes(modele, ecrits))
    elif avec in COURANTS:
        courant = queries.courants(db(), lue.departement_code)[COURANTS[avec]]
        suivi, apres = (
            queries.modele(db(), *une)
            for une in (_modele_lu(lue, {}, COURANTS[avec]), (courant.id, courant.empreinte))
        )
        changes = differences(textes(suivi, {}, definitions=True), textes(apres, {}, definitions=True))
    else:
        autre = queries.version(db(), actor, avec)
        if autre.departement_code != lue.departement_code:
            raise NotVisible(avec)
        avant = textes(queries.modele(db(), autre.general_id), queries.ecrits(autre))
        changes = differences(avant, textes(modele, ecrits))
    return render_view(
        "modeles/comparaison.html",
        version=lue,
        avec=avec,
        choix=_choix_comparaison(lue, versions),
        differences=changes,
        changements=LIBELLES_CHANGEMENT,
    )


@bp.route("/adoption", methods=["GET", "POST"])
@requires(Permission.MODELES_LIRE)
def adoption() -> Response:
    """Adopting the working model: what it means, who has, who still has to."""
    actor = current_actor()
    departement = queries.departement_choisi(actor, request.values.get("departement"))
    form = FormSimple()
    status = 200
    if form.validate_on_submit():
        refs = {gabarit: request.form.get(gabarit.value, "") for gabarit in Gabarit}
        try:
            service.adopter(db(), clock(), actor, departement, refs)
        except DomainError as error:
            form.refuse(error)
            status = 422
        else:
            flash(_("Votre adoption est enregistrée."), "succes")
            return see_other(url_for("modeles.adoption", departement=departement))
    etat = queries.adoption(db(), departement)
    return render_view(
        "modeles/adoption.html",
        status=status,
        form=form,
        etat=etat,
        departement=departement,
        nom=nomenclatures.departements().get(departement, departement),
        sources=LIBELLES_SOURCE,
        a_mon_tour=_a_mon_tour(etat.parties),
    )


def _page(lue: Any, departement: str, versions: Any, status: int = 200, refus: str = "") -> Response:
    """Show a version, or the national model when the département has none."""
    actor = current_actor()
    courants = queries.courants(db(), departement)
    gabarit = Gabarit.SIMPLIFIE if request.args.get("modele") == "simplifie" else Gabarit.GENERAL
    modele = queries.modele(db(), *_modele_lu(lue, courants, gabarit))
    ecrits = queries.ecrits(lue) if lue else {}
    modifiable = bool(lue) and lue.statut is StatutVersion.BROUILLON
    ecrit = modifiable and can(actor, Permission.MODELES_MODIFIER, lue)
    vue = rendu.vue_valide(request.args.get("vue") if lue else "tout")
    attendus = queries.attendus(db(), departement)
    validations = queries.pointer(attendus, lue.validations) if modifiable else []
    perimees = _perimees(departement, versions)
    return render_view(
        "modeles/index.html",
        "modeles/_texte.html",
        status=status,
        refus=refus,
        version=lue,
        versions=versions,
        brouillon=next((v for v in versions if v.statut is StatutVersion.BROUILLON), None),
        departement=departement,
        nom=nomenclatures.departements().get(departement, departement),
        departements=departements_lus(actor),
        etat=queries.adoption(db(), departement, courants, attendus),
        modele=modele,
        gabarit=gabarit.value,
        vue=vue,
        vues=_vues(modele, ecrits, vue) if lue else [],
        articles=rendu.articles(
            modele, ecrits, vue, url_for("modeles.version", version_ref=lue.ref) if ecrit else ""
        ),
        a_completer=rendu.comptes(modele, ecrits)["a_completer"] if lue else 0,
        validations=validations,
        a_mon_tour=_a_mon_tour(validations) and can(actor, Permission.MODELES_ENGAGER, lue),
        depassees=_depassees(lue, courants, versions),
        suit_encore=modifiable,
        perimees=perimees,
        groupables=any(row.statut is Statut.SIGNEE for row in perimees),
        form=FormSimple(data={"version": str(lue.version)} if lue else None),
        statuts=StatutVersion,
    )


def _perimees(departement: str, versions: Any) -> Any:
    """Return the conventions on an older version (C8), once a second one is published."""
    published = [v for v in versions if v.statut is StatutVersion.PUBLIEE]
    if len(published) < 2 or not can(current_actor(), Permission.MODELES_MODIFIER):
        return ()
    return perimees(db(), current_actor(), departement, clock().today(fuseaux()[departement]))


def _depassees(lue: Any, courants: Any, versions: Any) -> list[str]:
    """Return the models that have a newer version than the one the département's last version follows.

    They are named as `COURANTS` does; nothing is told on a former version, which stays as it was.
    """
    if lue is None or lue.numero != max(v.numero for v in versions):
        return []
    return [
        nom
        for nom, gabarit in COURANTS.items()
        if _modele_lu(lue, courants, gabarit)[0] != courants[gabarit].id
    ]


def _vues(modele: Modele, ecrits: Any, active: str) -> list[tuple[str, str, bool, int]]:
    counts = rendu.comptes(modele, ecrits)
    return [
        (str(_(label)), url_avec(vue=vue), vue == active, counts[vue]) for vue, label in rendu.VUES.items()
    ]


def _modele_lu(lue: Any, courants: Any, gabarit: Gabarit) -> tuple[int, str]:
    """Return the key and the fingerprint of the model that a version follows, the present one without it."""
    simplifie = gabarit is Gabarit.SIMPLIFIE
    row = courants[gabarit] if lue is None else (lue.simplifie if simplifie else lue.general)
    return row.id, row.empreinte


def _champ(lue: Any, clause: str, nom: str) -> ChampVert:
    """Return the green field that an address names; anything else does not exist."""
    modele = queries.modele(db(), lue.general_id)
    try:
        return champ_vert(modele, clause, "" if nom == "texte" else nom, queries.ecrits(lue))
    except DomainError:
        raise NotVisible(nom) from None


def _rival(vert: ChampVert, current: Any, form: Any, reload: str) -> dict[str, Any]:
    """Return the arguments of the macro `conflit`, and give the form the version to save over."""
    form.version.data = str(current["version"])
    return {
        "lignes": [(libelle(vert), current["valeur"], saisie(form))],
        "auteur": current["par"],
        "quand": _("le %(quand)s", quand=show_datetime(current["le"])) if current["le"] else "",
        "recharger": reload,
    }


def _agir(version_ref: str, act: Callable[..., Any], succes: str) -> Response:
    """Act on a draft as it was read, then come back to it; a refusal is told on the same page."""
    form = FormSimple()
    try:
        act(db(), clock(), current_actor(), version_ref, form.version_number)
    except DomainError as error:
        return _refus(version_ref, 422, domain_message(error))
    except StaleVersion:
        text = _("Cette version a changé depuis que vous l’avez lue : relisez-la, puis recommencez.")
        return _refus(version_ref, 409, text)
    flash(succes, "succes")
    return see_other(url_for("modeles.version", version_ref=version_ref))


def _refus(version_ref: str, status: int, refus: str) -> Response:
    actor = current_actor()
    lue = queries.version(db(), actor, version_ref)
    versions = queries.versions(db(), actor, lue.departement_code)
    return _page(lue, lue.departement_code, versions, status=status, refus=refus)


def _a_mon_tour(parties: Any) -> bool:
    """Tell whether the actor's party is among those that still have to agree."""
    actor = current_actor()
    if not can(actor, Permission.MODELES_ENGAGER):
        return False
    mine = partie_pilote(actor)
    return any(
        p.le is None and p.partie is mine and p.organisation_id in (None, actor.organisation_id)
        for p in parties
    )


def _par_defaut(lue: Any, versions: Any) -> str:
    return next((v.ref for v in versions if v.numero == lue.numero - 1), "national")


def _choix_comparaison(lue: Any, versions: Any) -> list[tuple[str, str]]:
    choix = [("national", _("le modèle national seul"))]
    choix += [
        (v.ref, _("la version départementale %(numero)s", numero=v.numero))
        for v in versions
        if v.ref != lue.ref
    ]
    return [
        *choix,
        ("modele-courant", _("le dernier modèle national (modèle contre modèle)")),
        ("modele-courant-simplifie", _("le dernier modèle simplifié (modèle contre modèle)")),
    ]
