"""Acts on the text as a whole: opening it, its natures and facts, its frame, its commitments."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.enums import Mode
from portal.conventions.redaction import cadre, ouverture, queries
from portal.conventions.redaction import forme as formes
from portal.conventions.redaction import version as versions
from portal.conventions.redaction.enums import Acte, FormeSignature
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.guards import requires
from portal.web.redaction import commun
from portal.web.redaction.blueprint import bp
from portal.web.redaction.forms import (
    FormActe,
    FormCadre,
    FormEngagement,
    FormForme,
    FormOuvrir,
    FormRegler,
    FormVersion,
)
from portal.web.render import render_view, see_other


def _retour(convention_ref: str) -> Response:
    return see_other(url_for("redaction.texte", convention_ref=convention_ref))


def _page(lu: Any, titre: str, form: Any, *, status: int, **plus: Any) -> Response:
    entete = getattr(lu, "entete", lu)
    return render_view(
        "redaction/formulaire.html",
        status=409 if status == 409 else (422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (titre, "")),
        tete=entete,
        titre=titre,
        form=form,
        action=request.path,
        annuler=url_for("redaction.texte", convention_ref=entete.ref),
        **plus,
    )


@bp.route("/ouvrir", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def ouvrir(convention_ref: str) -> Response:
    """Open the text of a line on the département's last version."""
    actor = current_actor()
    tete = queries.entete(db(), actor, convention_ref)
    if not can(actor, Permission.CONVENTIONS_MODIFIER, tete):
        raise Forbidden(Permission.CONVENTIONS_MODIFIER.value)
    if tete.ouvert:
        return _retour(convention_ref)
    form = FormOuvrir(data={"version": str(tete.version), "faits": list(ouverture.FAITS_PAR_DEFAUT)})
    status = 200
    if form.validate_on_submit():
        try:
            ouverture.ouvrir(
                db(), clock(), actor, convention_ref, form.version_number, faits=form.faits.data or ()
            )
        except StaleVersion:
            form, status = _reprendre(form, convention_ref)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le texte est ouvert : les clauses sont calculées."), "succes")
            return _retour(convention_ref)
    return _page(
        tete,
        _("Rédiger le texte"),
        form,
        status=status,
        chapeau=_(
            "Les clauses sont calculées d’après les natures de dispositif de la ligne, sur la dernière "
            "version publiée du département. Rien n’est accepté à la place de personne."
        ),
        bouton=_("Ouvrir le texte"),
    )


def _reprendre(form: Any, convention_ref: str) -> tuple[Any, int]:
    """Keep what was typed over the version that someone else has just saved."""
    db().rollback()
    db().expire_all()
    form.version.data = str(queries.entete(db(), current_actor(), convention_ref).version)
    form.form_errors = [_("La ligne a changé entre-temps. Vérifiez, puis envoyez de nouveau.")]
    return form, 409


def _reprendre_texte(form: Any, convention_ref: str) -> tuple[Any, int]:
    db().rollback()
    db().expire_all()
    form.version.data = str(queries.texte(db(), current_actor(), convention_ref).version)
    form.form_errors = [_("Quelqu’un a enregistré entre-temps. Vérifiez, puis envoyez de nouveau.")]
    return form, 409


def _lire(convention_ref: str) -> tuple[Any, queries.Texte]:
    actor, lu = commun.lire(convention_ref)
    if not can(actor, Permission.CONVENTIONS_MODIFIER, lu.entete):
        raise Forbidden(Permission.CONVENTIONS_MODIFIER.value)
    return actor, lu


@bp.route("/dispositifs", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def regler(convention_ref: str) -> Response:
    """What decides of the clauses: facts about the operator, natures that wait for an avenant."""
    actor, lu = _lire(convention_ref)
    form = FormRegler(
        data={
            "version": str(lu.version),
            "faits": sorted(lu.contexte.faits),
            "differees": sorted(lu.contexte.differees),
            "motif": lu.avenant_motif,
            "prevu_le": lu.avenant_prevu_le,
        }
    )
    noms = tableau.mots().natures
    form.differees.choices = [(code, noms.get(code, code)) for code in sorted(lu.contexte.natures)]
    status = 200
    if form.validate_on_submit():
        try:
            ouverture.regler(
                db(),
                clock(),
                actor,
                convention_ref,
                form.version_number,
                faits=form.faits.data or (),
                differees=form.differees.data or (),
                motif=form.motif.data or "",
                prevu_le=form.prevu_le.data,
            )
        except StaleVersion:
            form, status = _reprendre_texte(form, convention_ref)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Les clauses sont recalculées."), "succes")
            return _retour(convention_ref)
    return _page(
        lu,
        _("Dispositifs et clauses"),
        form,
        status=status,
        chapeau=_(
            "Ce qui est écrit dans une clause retirée est gardé, et revient avec elle. Les natures "
            "elles-mêmes se changent sur la ligne."
        ),
        bouton=_("Recalculer les clauses"),
    )


@bp.get("/version")
@requires(Permission.CONVENTIONS_LIRE)
def nouvelle_version(convention_ref: str) -> Response:
    """What the département's last version changes in a draft."""
    actor, lu = commun.lire(convention_ref)
    return _page_version(actor, lu, FormVersion())


@bp.post("/version")
@requires(Permission.CONVENTIONS_MODIFIER)
def suivre_version(convention_ref: str) -> Response:
    """State or SIAO accepts the difference: the draft follows the département's last version."""
    actor, lu = _lire(convention_ref)
    form = FormVersion()
    if not form.validate_on_submit():
        return _page_version(actor, lu, form, 422)
    try:
        versions.suivre(db(), clock(), actor, convention_ref, form.version_number, numero=form.numero_lu)
    except StaleVersion:
        form, status = _reprendre_texte(form, convention_ref)
        return _page_version(actor, commun.texte(actor, convention_ref), form, status)
    except DomainError as error:
        form.refuse(error)
        return _page_version(actor, lu, form, 422)
    flash(_("Le texte suit la dernière version du département."), "succes")
    return _retour(convention_ref)


def _page_version(actor: Actor, lu: queries.Texte, form: FormVersion, status: int = 200) -> Response:
    suite = versions.suite(db(), actor, lu)
    if suite is not None:
        form.version.data, form.numero.data = str(lu.version), str(suite.numero)
    return render_view(
        "redaction/version.html",
        status=status,
        fil=commun.fil(lu, (_("Nouvelle version"), "")),
        lu=lu,
        suite=suite,
        form=form,
        pilote=can(actor, Permission.CONVENTIONS_MODIFIER, lu.entete),
    )


@bp.route("/cadre", methods=["GET", "POST"])
@requires(Permission.CONVENTIONS_MODIFIER)
def encadrer(convention_ref: str) -> Response:
    """The dialogue de gestion: date, participants, what the SIAO prepared."""
    actor, lu = _lire(convention_ref)
    form = FormCadre(
        data={
            "version": str(lu.version),
            "mode": lu.entete.mode.value if lu.entete.mode else "",
            "dialogue_le": lu.entete.dialogue_gestion_le,
            "participants": lu.participants,
            "preparation": lu.preparation,
        }
    )
    status = 200
    if form.validate_on_submit():
        try:
            cadre.encadrer(
                db(),
                clock(),
                actor,
                convention_ref,
                form.version_number,
                mode=Mode(form.mode.data) if form.mode.data else None,
                dialogue_le=form.dialogue_le.data,
                participants=form.participants.data or "",
                preparation=form.preparation.data or "",
            )
        except StaleVersion:
            form, status = _reprendre_texte(form, convention_ref)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le cadre de la négociation est enregistré."), "succes")
            return _retour(convention_ref)
    return _page(
        lu,
        _("Cadre de la négociation"),
        form,
        status=status,
        chapeau=_("De gré à gré, la négociation se rattache à un dialogue de gestion, que le SIAO prépare."),
        bouton=_("Enregistrer"),
    )


@bp.route("/forme", methods=["GET", "POST"])
@requires(Permission.REDACTION_FORME)
def choisir_la_forme(convention_ref: str) -> Response:
    """The form and the signatories, where one legal person carries the SIAO and the operator."""
    actor, lu = commun.lire(convention_ref)
    if not can(actor, Permission.REDACTION_FORME, lu.entete):
        raise Forbidden(Permission.REDACTION_FORME.value)
    if not lu.entete.meme_personne:
        raise NotVisible(convention_ref)
    actuelle = formes.choix(db(), lu.entete.departement_code, lu.forme)
    form = FormForme(
        data={"version": str(lu.version), "forme": lu.forme.value if lu.forme else ""},
        departement=actuelle.departement,
    )
    status = 200
    if form.validate_on_submit():
        voulue = FormeSignature(form.forme.data) if form.forme.data else None
        try:
            formes.choisir(db(), clock(), actor, convention_ref, form.version_number, forme=voulue)
        except StaleVersion:
            form, status = _reprendre_texte(form, convention_ref)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("La forme et les signataires sont enregistrés."), "succes")
            return _retour(convention_ref)
    return _page(
        lu,
        _("Forme et signataires"),
        form,
        status=status,
        chapeau=_(
            "Une même personne morale porte le SIAO et l’opérateur. La forme dit qui signe ; elle n’ouvre "
            "rien : chaque équipe ne lit et ne négocie que ce qui est à elle."
        ),
        bouton=_("Enregistrer"),
    )


@bp.route("/engagements/ajouter", methods=["GET", "POST"])
@requires(Permission.REDACTION_NEGOCIER)
def engager(convention_ref: str) -> Response:
    """Link a clause to the act that transcribes it."""
    actor, lu = commun.lire(convention_ref)
    if not can(actor, Permission.REDACTION_NEGOCIER, lu.entete):
        raise Forbidden(Permission.REDACTION_NEGOCIER.value)
    form = FormEngagement(data={"clause_code": request.args.get("clause", "")})
    form.clause_code.choices = [
        ("", _("Choisir une clause")),
        *((c.code, c.titre) for c in cadre.engageantes(lu)),
    ]
    if form.validate_on_submit():
        try:
            cadre.engager(
                db(),
                clock(),
                actor,
                convention_ref,
                clause_code=form.clause_code.data,
                nature=Acte(form.acte.data),
                reference=form.reference.data or "",
                le=form.date.data,
                cle=form.cle_idempotence.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("L’engagement est relié."), "succes")
            return see_other(url_for("redaction.engagements", convention_ref=convention_ref))
    return _page(
        lu,
        _("Relier un engagement"),
        form,
        status=200,
        chapeau=_("Le CPOM ou la convention de financement reprend ce que la convention engage."),
        bouton=_("Relier"),
    )


@bp.post("/engagements/<engagement_ref>/retirer")
@requires(Permission.REDACTION_NEGOCIER)
def desengager(convention_ref: str, engagement_ref: str) -> Response:
    """Remove such a link."""
    actor = current_actor()
    commun.texte(actor, convention_ref)
    if FormActe().validate_on_submit():
        cadre.desengager(db(), clock(), actor, convention_ref, engagement_ref)
        flash(_("Le lien est retiré."), "succes")
    return see_other(url_for("redaction.engagements", convention_ref=convention_ref))
