"""The minutes of a session: drafted, read, approved, sent; downloaded as they are read."""

from datetime import date
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.commissions import queries as commissions
from portal.commissions import queries_seances
from portal.commissions.enums_dossiers import LIBELLES_ISSUE, StatutReleve
from portal.commissions.suites_seance import contenu as contenus
from portal.commissions.suites_seance import document as documents
from portal.commissions.suites_seance import releves
from portal.commissions.suites_seance.releves import COMPLETE
from portal.documents.rendu.docx import en_docx
from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.security.coffre import coffre
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.shared.messages import N_
from portal.web.commissions.seances import fil_de, quand
from portal.web.context import clock, current_actor, db, note_access, settings
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.releves import commun
from portal.web.releves.blueprint import releves as bp
from portal.web.releves.forms import FormPoints, FormRelire, FormRemarque
from portal.web.render import attachment, render_view, see_other
from portal.web.travaux import genres

S = StatutReleve
genres.declare(releves.RELEVE, genres.Genre(N_("Relevé de décisions")))


def adresse(seance: Any, suite: str = "") -> str:
    """Return the address of the minutes of a session, or of one below it."""
    return f"/seances/{seance.ref}/releve{suite}"


@bp.get("/seances/<seance_ref>/releve")
@requires(Permission.RELEVES_LIRE)
def releve(seance_ref: str) -> Response:
    """The minutes, in the version that the reader may read."""
    return _page(seance_ref)


def _page(seance_ref: str, form: Formulaire | None = None, status: int = 200) -> Response:
    """Return the page; `form`: one of its forms, refused, with what was typed."""
    actor = current_actor()
    seance = queries_seances.seance(db(), actor, seance_ref)
    vise = commissions.vise(seance.commission)
    lu = releves.releve_de(db(), seance.id)
    ecrit = can(actor, Permission.RELEVES_ECRIRE, vise)
    version = releves.version_lue(db(), clock(), actor, seance, lu)
    if not version and not ecrit:
        raise NotVisible(seance_ref)
    contenu = None
    if lu is not None:
        lit = releves.lu if version == COMPLETE else releves.lu_anonyme
        contenu = lit(db(), seance, lu)
        if version == COMPLETE and contenu["dossiers"] and request.method == "GET":
            note_access("commissions:releve:lire", seance=seance.ref)
    attendus = releves.approuvent(vise, lu) if lu is not None else set()
    noms = {
        one.referent.organisation_id: one.referent.organisation.nom
        for one in seance.commission.sieges
        if one.referent.organisation_id in vise.president
    }
    jour = clock().today(commun.fuseau(seance))
    remarquee = lu is not None and any(one.traite_le is None for one in lu.commentaires)
    return commun.prive(
        render_view(
            "releves/releve.html",
            status=status,
            fil=fil_de(seance, (_("Relevé"), "")),
            seance=seance,
            commission=seance.commission,
            fuseau=commun.fuseau(seance),
            quand=quand(seance),
            releve=lu,
            contenu=contenu,
            complet=version == COMPLETE,
            etats=contenus.ETATS,
            issues={issue.value: dite for issue, dite in LIBELLES_ISSUE.items()},
            decision_dite=commun.decision_dite,
            prescription_dite=commun.prescription_dite,
            deport_dit=commun.deport_dit,
            jour_de=date.fromisoformat,
            remarques=_remarques(lu) if version == COMPLETE and lu is not None else [],
            noms=noms,
            attendus=attendus,
            attendent=[nom for cle, nom in noms.items() if cle in attendus],
            noms_otes=contenu is not None
            and contenu.get("points_anonymes", contenu["points"]) != contenu["points"],
            ecrit=ecrit,
            remarquee=remarquee,
            approuve=lu is not None
            and version == COMPLETE
            and lu.statut is S.RELECTURE
            and not remarquee
            and can(actor, Permission.RELEVES_APPROUVER, vise)
            and actor.organisation_id in attendus,
            remarque=isinstance(form, FormRemarque)
            or (version == COMPLETE and lu is not None and lu.statut is S.RELECTURE),
            refuse=form,
            finie=lu is None and releves.se_redige(db(), clock(), seance),
            form_points=_form(FormPoints, form) or _points(lu, contenu),
            form_relire=_form(FormRelire, form) or FormRelire.neuf(lu.version if lu else 0, jour),
            form_remarque=_form(FormRemarque, form) or FormRemarque(formdata=None),
            ici=adresse(seance),
        )
    )


def _form(kind: type[Formulaire], form: Formulaire | None) -> Any:
    return form if isinstance(form, kind) else None


def _points(lu: Any, contenu: Any) -> FormPoints:
    points = contenu["points"] if contenu is not None else ""
    return FormPoints(formdata=None, data={"points": points, "version": str(lu.version if lu else 0)})


def _remarques(lu: Any) -> list[dict[str, Any]]:
    vault = coffre(db())
    return [
        {
            "ref": one.ref,
            "par": one.par,
            "le": one.le,
            "traitee": one.traite_le is not None,
            "texte": vault.ouvrir(one.texte),
        }
        for one in lu.commentaires
    ]


def _seance(seance_ref: str) -> Any:
    """Return a session whose minutes the actor writes or reads; for anybody else there are none."""
    actor = current_actor()
    seance = queries_seances.seance(db(), actor, seance_ref)
    if not can(actor, Permission.RELEVES_ECRIRE, commissions.vise(seance.commission)):
        lu = releves.releve_de(db(), seance.id)
        if not releves.version_lue(db(), clock(), actor, seance, lu):
            raise NotVisible(seance_ref)
    return seance


@bp.post("/seances/<seance_ref>/releve/rediger")
@requires(Permission.RELEVES_ECRIRE)
def rediger(seance_ref: str) -> Response:
    """Begin the draft, from what was decided."""
    actor = current_actor()
    seance = _seance(seance_ref)
    return commun.geste(
        adresse(seance),
        lambda _version: releves.rediger(db(), clock(), actor, seance),
        _("Le projet de relevé reprend les présences et les décisions de la séance."),
    )


@bp.post("/seances/<seance_ref>/releve/points")
@requires(Permission.RELEVES_ECRIRE)
def points(seance_ref: str) -> Response:
    """Write the general points."""
    form = FormPoints()

    def act(seance: Any) -> str:
        typed = form.points.data or ""
        releves.ecrire_points(db(), clock(), current_actor(), seance, typed, version=form.version_number)
        return _("Les points généraux sont enregistrés.")

    return _enregistrer(_seance(seance_ref), form, act)


@bp.post("/seances/<seance_ref>/releve/relire")
@requires(Permission.RELEVES_ECRIRE)
def relire(seance_ref: str) -> Response:
    """Send the draft to those invited, to be read."""
    form = FormRelire()

    def act(seance: Any) -> str:
        assert form.relire_avant.data is not None  # asked for by its form
        told = releves.faire_relire(
            db(),
            clock(),
            current_actor(),
            seance,
            form.relire_avant.data,
            version=form.version_number,
        )
        return ngettext(
            "Le projet est envoyé à relire : %(num)s personne prévenue.",
            "Le projet est envoyé à relire : %(num)s personnes prévenues.",
            told,
        )

    return _enregistrer(_seance(seance_ref), form, act)


@bp.post("/seances/<seance_ref>/releve/remarques")
@requires(Permission.RELEVES_LIRE)
def remarquer(seance_ref: str) -> Response:
    """Write a remark on the draft."""
    form = FormRemarque()

    def act(seance: Any) -> str:
        releves.commenter(db(), clock(), current_actor(), seance, form.texte.data or "")
        return _("Votre remarque est enregistrée, le secrétariat est prévenu.")

    seance = queries_seances.seance(db(), current_actor(), seance_ref)
    return _enregistrer(seance, form, act)


def _enregistrer(seance: Any, form: Formulaire, act: Any) -> Response:
    """Do what a form of the page asks; refused, show it again with what was typed."""
    seance_ref = seance.ref
    if not form.validate_on_submit():
        return _page(seance_ref, form, 422)
    try:
        said = act(seance)
    except StaleVersion as stale:
        current = stale.current
        db().rollback()
        commun.depasse(form, current.version if current is not None else 0)
        return _page(seance_ref, form, 409)
    except (DomainError, DomainErrors) as error:
        db().rollback()
        form.refuse(error)
        return _page(seance_ref, form, 422)
    flash(said, "succes")
    lu = releves.releve_de(db(), seance.id)
    if not releves.version_lue(db(), clock(), current_actor(), seance, lu):  # taken back while it was read
        return see_other(f"/commissions/seances/{seance.ref}")
    return see_other(adresse(seance))


@bp.post("/seances/<seance_ref>/releve/remarques/<remarque_ref>/traiter")
@requires(Permission.RELEVES_ECRIRE)
def traiter(seance_ref: str, remarque_ref: str) -> Response:
    """Say that a remark was dealt with."""
    actor = current_actor()
    seance = _seance(seance_ref)
    return commun.geste(
        adresse(seance),
        lambda _version: releves.traiter(db(), clock(), actor, seance, remarque_ref),
        _("La remarque est traitée."),
    )


@bp.post("/seances/<seance_ref>/releve/reprendre")
@requires(Permission.RELEVES_ECRIRE)
def reprendre(seance_ref: str) -> Response:
    """Take the draft back: approvals given are void."""
    actor = current_actor()
    seance = _seance(seance_ref)
    return commun.geste(
        adresse(seance),
        lambda version: releves.reprendre(db(), clock(), actor, seance, version=version),
        _("Le relevé redevient un projet : les approbations données ne valent plus."),
    )


@bp.post("/seances/<seance_ref>/releve/approuver")
@requires(Permission.RELEVES_APPROUVER)
def approuver(seance_ref: str) -> Response:
    """Approve the minutes as they stand."""
    actor = current_actor()
    seance = _seance(seance_ref)
    return commun.geste(
        adresse(seance),
        lambda version: releves.approuver(db(), clock(), actor, seance, version=version),
        _("Vous avez approuvé ce relevé."),
    )


@bp.post("/seances/<seance_ref>/releve/envoyer")
@requires(Permission.RELEVES_ECRIRE)
def envoyer(seance_ref: str) -> Response:
    """Send the minutes that the presidents approved."""
    actor = current_actor()
    seance = _seance(seance_ref)
    return commun.geste(
        adresse(seance),
        lambda version: releves.envoyer(db(), clock(), actor, seance, version=version),
        _("Le relevé est envoyé. Ses fichiers se préparent."),
    )


@bp.get("/seances/<seance_ref>/releve.docx")
@requires(Permission.RELEVES_LIRE)
def docx(seance_ref: str) -> Response:
    """The minutes as a Word file: as they are read, or (`?version=anonyme`) anonymised."""
    seance, lu, complete = _telechargee(seance_ref)
    contenu = (releves.lu if complete else releves.lu_anonyme)(db(), seance, lu)
    fait = documents.document(
        contenu,
        seance,
        seance.commission,
        projet=lu.statut is not S.ENVOYE,
        approbations=lu.approbations,
    )
    octets = en_docx(fait, clock().now())
    nom = documents.nom_de_fichier(seance, "docx", complet=complete)
    return commun.prive(attachment(octets, nom, TypeFichier.DOCX.value.mime))


@bp.get("/seances/<seance_ref>/releve.pdf")
@requires(Permission.RELEVES_LIRE)
def pdf(seance_ref: str) -> Response:
    """The minutes sent, as a tagged PDF made by the worker."""
    seance, lu, complete = _telechargee(seance_ref)
    file = lu.complet if complete else lu.anonyme
    if file is None:
        flash(_("Le document se prépare : revenez dans un instant."), "alerte")
        return see_other(adresse(seance))
    content = Storage(settings()).open_for_download(file)
    nom = documents.nom_de_fichier(seance, "pdf", complet=complete)
    return commun.prive(attachment(content, nom, file.type_mime))


def _telechargee(seance_ref: str) -> tuple[Any, Any, bool]:
    """Return a session, its minutes, and whether the full version is taken; written to the journal."""
    actor = current_actor()
    seance = queries_seances.seance(db(), actor, seance_ref)
    lu = releves.releve_de(db(), seance.id)
    version = releves.version_lue(db(), clock(), actor, seance, lu)
    if lu is None or not version:
        raise NotVisible(seance_ref)
    complete = version == COMPLETE and request.args.get("version") != "anonyme"
    note_access("commissions:releve:telecharger", seance=seance.ref, complet=complete)
    return seance, lu, complete
