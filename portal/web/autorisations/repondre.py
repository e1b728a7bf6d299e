"""The answers that do not come from the screen: a signed paper, an oral agreement; and the proofs."""

from typing import Any

from flask import Response, flash
from flask_babel import gettext as _

from portal.documents.storage import Storage
from portal.documents.types import TypeFichier
from portal.grilles.autorisations import papiers, queries, service
from portal.grilles.autorisations.apercu import apercu
from portal.grilles.autorisations.enums import DecisionAdulte, Mode, ObjetAutorisation, StatutAutorisation
from portal.grilles.autorisations.saisie import SaisieReponse
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, NotVisible, StaleVersion
from portal.web.autorisations import commun, documents
from portal.web.autorisations.blueprint import bp
from portal.web.autorisations.forms import FormOral, FormPapier
from portal.web.autorisations.pages import RECUEILLIR, recoit, relire
from portal.web.context import clock, db, settings
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.menages.commun import lire, noter_lecture
from portal.web.organisations.routes import status_of
from portal.web.render import attachment, render_view, see_other

PAPIERS = frozenset({TypeFichier.PDF, TypeFichier.JPEG, TypeFichier.PNG})


@bp.route("/<autorisation_ref>/adultes/<adulte_ref>/papier", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def papier(menage_ref: str, autorisation_ref: str, adulte_ref: str) -> Response:
    """Put in the paper that an adult signed: encrypted, and read by those who accompany the household."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    personne = commun.personne(vise, adulte_ref)
    ici = commun.adresse(vise.menage, f"/{autorisation.ref}")
    form, overtaken = FormPapier(), False
    if form.validate_on_submit():
        try:
            _deposer(actor, vise, autorisation.ref, adulte_ref, form)
        except StaleVersion:
            autorisation, overtaken = relire(vise, autorisation_ref), True
            form.form_errors = [domain_message(DomainError("autorisations.depassee"))]
        except DomainError as error:
            autorisation = relire(vise, autorisation_ref)
            form.refuse(error)
        else:
            flash(_("La réponse et le formulaire signé sont enregistrés."), "succes")
            return see_other(ici)
    form.empreinte.data = apercu(db(), autorisation, autorisation.grille).empreinte
    return commun.prive(
        render_view(
            "autorisations/papier.html",
            status=409 if overtaken else status_of(form),
            fil=commun.fil_de(vise.menage, (autorisation.destinataire, ici), (_("Papier signé"), "")),
            une=autorisation,
            personne=personne,
            form=form,
            limite=settings().max_upload_bytes // (1024 * 1024),
            imprimer=f"{ici}/adultes/{personne.ref}/formulaire.pdf",
            action=f"{ici}/adultes/{personne.ref}/papier",
            annuler=ici,
        )
    )


def _deposer(actor: Actor, vise: Any, ref: str, adulte_ref: str, form: FormPapier) -> None:
    """Store the file, then take the answer; sent twice, the first file is kept."""
    depot = form.fichier.data
    papiers.verifier(depot.stream.read())
    depot.stream.seek(0)
    nom = f"formulaire-signe.{depot.filename.rpartition('.')[2][:5]}"
    try:
        fichier = Storage(settings()).store(
            db(), clock(), depot.stream, nom, PAPIERS, actor=actor, encrypt=True
        )
    except DomainError as error:
        raise DomainError(error.code, "fichier", **error.params) from None
    accord = service.repondre(
        db(),
        clock(),
        actor,
        vise,
        ref,
        adulte_ref,
        SaisieReponse(
            decision=DecisionAdulte(form.decision.data),
            mode=Mode.PAPIER,
            empreinte=form.empreinte.data or "",
            fichier_id=fichier.id,
        ),
    )
    if accord.fichier_id != fichier.id:
        db().rollback()


@bp.route("/<autorisation_ref>/adultes/<adulte_ref>/oral", methods=["GET", "POST"])
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def oral(menage_ref: str, autorisation_ref: str, adulte_ref: str) -> Response:
    """Note what an adult said: a refusal, or an agreement for the one session that the household attends."""
    actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    personne = commun.personne(vise, adulte_ref)
    ici = commun.adresse(vise.menage, f"/{autorisation.ref}")
    form, presentation = FormOral(), autorisation.objet is ObjetAutorisation.PRESENTATION
    accord = recoit(vise, autorisation)
    if not accord:
        form.sans_accord()
    if form.validate_on_submit():
        try:
            service.repondre(
                db(),
                clock(),
                actor,
                vise,
                autorisation.ref,
                adulte_ref,
                SaisieReponse(
                    decision=DecisionAdulte(form.decision.data),
                    mode=Mode.ORAL,
                    jour_seance=form.jour_seance.data if accord else None,
                ),
            )
        except DomainError as error:
            autorisation = relire(vise, autorisation_ref)
            form.refuse(error)
        else:
            flash(_("La réponse est enregistrée."), "succes")
            return see_other(ici)
    return commun.prive(
        render_view(
            "autorisations/oral.html",
            status=status_of(form),
            fil=commun.fil_de(vise.menage, (autorisation.destinataire, ici), (_("Réponse orale"), "")),
            une=autorisation,
            personne=personne,
            presentation=presentation,
            accord=accord,
            form=form,
            action=f"{ici}/adultes/{personne.ref}/oral",
            annuler=ici,
        )
    )


@bp.get("/<autorisation_ref>/adultes/<adulte_ref>/formulaire.pdf")
@requires(Permission.AUTORISATIONS_RECUEILLIR)
def formulaire(menage_ref: str, autorisation_ref: str, adulte_ref: str) -> Response:
    """The paper form that an adult signs: the notice, what leaves, and the same two answers."""
    _actor, vise = lire(menage_ref, RECUEILLIR)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    personne = commun.personne(vise, adulte_ref)
    if vise.menage.protege or autorisation.statut is not StatutAutorisation.INFORME:
        raise NotVisible(autorisation_ref)
    noter_lecture(vise.menage, commun.QUOI, autorisation.ref)
    with commun.en_langue(autorisation.notice_langue):
        octets = documents.formulaire(
            apercu(db(), autorisation, autorisation.grille), personne, clock().now()
        )
    return commun.prive(attachment(octets, "formulaire-a-signer.pdf", "application/pdf"))


@bp.get("/<autorisation_ref>/adultes/<adulte_ref>/document")
@requires(Permission.MENAGES_LIRE)
def document(menage_ref: str, autorisation_ref: str, adulte_ref: str) -> Response:
    """The signed paper, for those who accompany the household and the SIAO, once it was scanned."""
    _actor, vise = lire(menage_ref)
    autorisation = queries.une(db(), vise.menage, autorisation_ref)
    fichier = queries.papier(db(), autorisation, adulte_ref)
    noter_lecture(vise.menage, commun.QUOI, autorisation.ref)
    octets = Storage(settings()).open_for_download(fichier)
    return commun.prive(attachment(octets, fichier.nom, fichier.type_mime))
