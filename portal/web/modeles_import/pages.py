"""Importing a Word model of the CTP: giving the file, following the import, agreeing to it."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.modeles import import_accord, import_brouillon, queries
from portal.conventions.modeles.comparaison import LIBELLES_CHANGEMENT, differences, textes
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.modeles.import_brouillon import Correction, Dossier
from portal.conventions.modeles.policies import departements_lus, partie_pilote
from portal.conventions.modeles.reprise import reprendre as reprise
from portal.documents.storage import Storage
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.db import new_ref
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.web.context import clock, current_actor, db, settings
from portal.web.forms import Formulaire, domain_message, read_version
from portal.web.guards import accepts_upload, requires
from portal.web.modeles_import import rendu
from portal.web.modeles_import.commun import bp, contexte
from portal.web.modeles_import.forms import GABARITS, FormDepot, FormMotif
from portal.web.organisations import nomenclatures
from portal.web.render import attachment, render_view, see_other

ENVOI_MAXIMUM = 64 * 1024 * 1024  # bytes received, so that too big a file is refused next to its field


@bp.route("", methods=["GET", "POST"])
@accepts_upload(ENVOI_MAXIMUM)
@requires(Permission.MODELES_MODIFIER)
def deposer() -> Response:
    """Give the file; it is read at once, and nothing is published."""
    actor, form = current_actor(), FormDepot()
    departement = queries.departement_choisi(actor, request.values.get("departement"))
    if form.validate_on_submit():
        donne = form.fichier.data
        try:
            row = import_brouillon.deposer(
                db(),
                clock(),
                actor,
                Storage(settings()),
                donne.stream,
                donne.filename or "",
                departement_code=departement,
                gabarit=Gabarit(form.gabarit.data),
                libelle=form.libelle.data or "",
                cle=form.cle_idempotence.data,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                _("Le document est lu. Relisez ce qui a été compris : rien n’est encore proposé."), "succes"
            )
            return see_other(url_for(".detail", import_ref=row.ref))
    return render_view(
        "modeles_import/deposer.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=[(_("Modèle"), url_for("modeles.index")), (_("Importer un modèle Word"), "")],
        form=form,
        departement=departement,
        departements=departements_lus(actor),
        nom=nomenclatures.departements().get(departement, departement),
        limite=import_brouillon.TAILLE_MAXIMUM // (1024 * 1024),
        en_cours=import_brouillon.en_cours(db(), actor, departement),
        gabarits=GABARITS,
    )


@bp.get("/<import_ref>")
@requires(Permission.MODELES_MODIFIER)
def detail(import_ref: str) -> Response:
    """The import: what was understood, what is left to do, who has agreed."""
    try:
        dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    except NotVisible:
        return _devenu(import_ref)
    return _page(dossier)


@bp.post("/<import_ref>/reprendre")
@requires(Permission.MODELES_MODIFIER)
def reprendre(import_ref: str) -> Response:
    """Take from the model in use what is known of the clauses."""
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    connu = queries.modele(db(), _courant(dossier).id)
    return _corriger(
        dossier,
        Correction("reprendre", "", {}, lambda relecture: reprise(relecture, connu)),
        _("Les clauses reconnues à leur titre ont repris leurs réglages. Relisez celles qui restent."),
    )


@bp.post("/<import_ref>/relire")
@requires(Permission.MODELES_MODIFIER)
def relire(import_ref: str) -> Response:
    """Go back to what was read in the document; this too can be undone."""
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    correction = import_brouillon.relire_tout(dossier)
    return _corriger(dossier, correction, _("Le modèle est revenu à ce qui a été lu dans le document."))


@bp.post("/<import_ref>/annuler")
@requires(Permission.MODELES_MODIFIER)
def annuler(import_ref: str) -> Response:
    """Undo the last correction."""

    def act() -> Response:
        import_brouillon.annuler(db(), clock(), current_actor(), import_ref, version=_version())
        flash(_("La dernière correction est annulée."), "succes")
        return see_other(url_for(".detail", import_ref=import_ref))

    return _essayer(import_ref, act)


@bp.route("/<import_ref>/accord", methods=["GET", "POST"])
@requires(Permission.MODELES_ENGAGER)
def accorder(import_ref: str) -> Response:
    """Agree to the model for one's party, once what it means is read."""
    if request.method == "POST":
        return _essayer(import_ref, lambda: _accorder(import_ref))
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    return render_view("modeles_import/accord.html", **contexte(dossier, _("Donner l’accord de ma partie")))


@bp.route("/<import_ref>/rouvrir", methods=["GET", "POST"])
@requires(Permission.MODELES_MODIFIER)
def rouvrir(import_ref: str) -> Response:
    """Take a model proposed back to its rereading, and say why."""
    actor = current_actor()
    dossier = import_brouillon.ouvrir(db(), actor, import_ref)
    form = FormMotif(data={"version": str(dossier.entete.version)})
    if form.validate_on_submit():
        try:
            import_accord.rouvrir(
                db(), clock(), actor, import_ref, motif=form.motif.data or "", version=form.version_number
            )
        except DomainError as error:
            form.refuse(error)
        except StaleVersion:
            form.version.data = str(dossier.entete.version)
            form.form_errors = [*form.form_errors, _perime()]
        else:
            flash(_("La relecture est rouverte. Les accords donnés sont annulés."), "succes")
            return see_other(url_for(".detail", import_ref=import_ref))
    return render_view(
        "modeles_import/rouvrir.html",
        "modeles_import/_rouvrir.html",
        status=422 if form.errors or form.form_errors else 200,
        form=form,
        **contexte(dossier, _("Rouvrir la relecture")),
    )


@bp.route("/<import_ref>/abandonner", methods=["GET", "POST"])
@requires(Permission.MODELES_MODIFIER)
def abandonner(import_ref: str) -> Response:
    """Give the import up, after one question."""
    if request.method == "POST":
        return _essayer(import_ref, lambda: _abandonner(import_ref))
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    return render_view(
        "modeles_import/abandonner.html",
        "modeles_import/_abandonner.html",
        form=Formulaire(data={"version": str(dossier.entete.version)}),
        **contexte(dossier, _("Abandonner l’import")),
    )


@bp.get("/<import_ref>/differences")
@requires(Permission.MODELES_MODIFIER)
def comparer(import_ref: str) -> Response:
    """What differs from the model in use, clause by clause."""
    dossier = import_brouillon.ouvrir(db(), current_actor(), import_ref)
    courant = _courant(dossier)
    avant = textes(queries.modele(db(), courant.id), {}, definitions=True)
    return render_view(
        "modeles_import/differences.html",
        courant=courant,
        differences=differences(avant, textes(dossier.relecture.modele, {}, definitions=True)),
        changements=LIBELLES_CHANGEMENT,
        **contexte(dossier, _("Différences")),
    )


@bp.get("/<import_ref>/document")
@requires(Permission.MODELES_MODIFIER)
def document(import_ref: str) -> Response:
    """The Word file as it was given."""
    fichier = import_brouillon.ouvrir(db(), current_actor(), import_ref).entete.fichier
    contenu = Storage(settings()).open_for_download(fichier)
    return attachment(contenu, fichier.nom, fichier.type_mime)


def _corriger(dossier: Dossier, correction: Correction, succes: str) -> Response:
    """Correct the whole import; a refusal is told on its page."""
    ref = dossier.entete.ref

    def act() -> Response:
        import_brouillon.corriger(
            db(),
            clock(),
            current_actor(),
            ref,
            correction,
            version=_version(),
            cle=request.form.get("cle_idempotence"),
        )
        flash(succes, "succes")
        return see_other(url_for(".detail", import_ref=ref))

    return _essayer(ref, act)


def _accorder(import_ref: str) -> Response:
    publiee = import_accord.accorder(db(), clock(), current_actor(), import_ref, version=_version())
    if publiee is None:
        flash(_("L’accord de votre partie est enregistré. Les autres parties sont prévenues."), "succes")
        return see_other(url_for(".detail", import_ref=import_ref))
    flash(_("Toutes les parties sont d’accord : ce modèle est maintenant celui du département."), "succes")
    return see_other(url_for("modeles.index", departement=publiee.departement_code, vue="tout"))


def _abandonner(import_ref: str) -> Response:
    import_accord.abandonner(db(), clock(), current_actor(), import_ref, version=_version())
    flash(_("L’import est abandonné : le document et ce qui en avait été compris sont effacés."), "succes")
    return see_other(url_for(".deposer"))


def _essayer(import_ref: str, act: Callable[[], Response]) -> Response:
    """Act on an import as it was read; a refusal or a stale page is told on the page of the import."""
    try:
        return act()
    except DomainError as error:
        refus, status = domain_message(error), 422
    except StaleVersion:
        refus, status = _perime(), 409
    except NotVisible:
        return _devenu(import_ref)
    return _page(import_brouillon.ouvrir(db(), current_actor(), import_ref), status=status, refus=refus)


def _devenu(import_ref: str) -> Response:
    """Lead to the model that an import became; anything else does not exist."""
    version = import_brouillon.publie(db(), current_actor(), import_ref)
    if version is None:
        raise NotVisible(import_ref)
    flash(_("« %(libelle)s » est adopté : cet import est terminé.", libelle=version.libelle), "info")
    simplifie = "simplifie" if version.gabarit is Gabarit.SIMPLIFIE else None
    return see_other(url_for("modeles.index", departement=version.departement_code, modele=simplifie))


def _page(dossier: Dossier, status: int = 200, refus: str = "") -> Response:
    actor, entete = current_actor(), dossier.entete
    parties = import_brouillon.accords(db(), entete)
    groupes = rendu.articles(dossier.relecture.modele)
    return render_view(
        "modeles_import/detail.html",
        status=status,
        refus=refus,
        articles=groupes,
        replies=sum(len(groupe.clauses) for groupe in groupes) > 40,
        comptes=rendu.comptes(dossier.relecture.modele),
        preuve=dossier.preuve,
        remarques=rendu.remarques(dossier),
        etapes=rendu.etapes(dossier),
        parties=parties,
        a_mon_tour=_a_mon_tour(parties) and can(actor, Permission.MODELES_ENGAGER, entete),
        cle=new_ref,
        **contexte(dossier),
    )


def _courant(dossier: Dossier) -> Any:
    return queries.courants(db(), dossier.entete.departement_code)[dossier.entete.gabarit]


def _a_mon_tour(parties: Any) -> bool:
    actor = current_actor()
    if not can(actor, Permission.MODELES_ENGAGER):
        return False
    mienne = partie_pilote(actor)
    return any(
        p.le is None and p.partie is mienne and p.organisation_id in (None, actor.organisation_id)
        for p in parties
    )


def _version() -> int:
    return read_version(request.form.get("version"))


def _perime() -> str:
    return _("Cet import a changé depuis que vous l’avez lu : relisez-le, puis recommencez.")
