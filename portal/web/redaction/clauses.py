"""Acts of a party on one clause: proposing another text, taking a position, commenting."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions.policies import partie_de
from portal.conventions.redaction import fil, reprise, service
from portal.conventions.redaction.enums import LIBELLES_POSITION, Position
from portal.conventions.redaction.queries import Texte
from portal.documents.texte import Couleur
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.redaction import commun, histoire, rendu
from portal.web.redaction.blueprint import bp
from portal.web.redaction.forms import (
    FormActe,
    FormCommentaire,
    FormPosition,
    FormReprise,
    form_clause,
    valeurs_de,
)
from portal.web.redaction.pages import page_clause
from portal.web.render import render_view, see_other


def _lire(convention_ref: str, code: str) -> tuple[Any, Texte]:
    """Return who acts on a clause and the text; raises NotVisible before Forbidden."""
    actor, lu = commun.lire(convention_ref, code)
    if not can(actor, Permission.REDACTION_NEGOCIER, lu.entete):
        raise Forbidden(Permission.REDACTION_NEGOCIER.value)
    return actor, lu


@bp.route("/clauses/<code>/modifier", methods=["GET", "POST"])
@requires(Permission.REDACTION_NEGOCIER)
def modifier(convention_ref: str, code: str) -> Response:
    """Propose another text or other values; both versions are shown when someone wrote first."""
    actor, lu = _lire(convention_ref, code)
    lue, choix = lu.clause(code), commun.vue()
    form, rival = form_clause(lue, _depart(lu, code)), None
    if not commun.peut_agir(actor, lu, lue):
        return _impossible(lu, code)
    if form.validate_on_submit():
        try:
            service.modifier(
                db(),
                clock(),
                actor,
                convention_ref,
                code,
                form.version_number,
                texte=form.texte.data if "texte" in form else None,
                valeurs=valeurs_de(form, lue.clause),
                motif=form.motif.data or "",
            )
        except StaleVersion as stale:
            db().rollback()
            db().expire_all()
            actuel = stale.current
            lu = commun.texte(actor, convention_ref, code)
            lue = lu.clause(code)
            stocke = form_clause(lue, _depart(lu, code), formdata=None)
            rival = conflict(actuel, stocke, form, rendu.adresse(lu, lue, choix))
            partie = partie_de(actor)
            if partie and commun.deja_proposee(lue.positions.get(partie), rival):
                return see_other(rendu.adresse(lu, lue, choix))
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Votre proposition est enregistrée. Les autres parties l’examinent."), "succes")
            return see_other(rendu.adresse(lu, lue, choix))
    return render_view(
        "redaction/modifier.html",
        status=409 if rival else (422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (lue.titre, rendu.adresse(lu, lue, choix)), (_("Proposer"), "")),
        form=form,
        rival=rival,
        edition=True,
        action=url_for("redaction.modifier", convention_ref=convention_ref, code=code, vue=choix),
        annuler=rendu.adresse(lu, lue, choix),
        **commun.cote_liste(actor, lu, choix, code),
        **commun.de_la_clause(actor, lu, lue, choix),
    )


def _depart(lu: Texte, code: str) -> str:
    """Return the text of a clause as it is written now, its values not filled in."""
    return lu.textes.get(code, lu.clause(code).clause.texte).strip()


def _impossible(lu: Texte, code: str) -> Response:
    lue = lu.clause(code)
    if lue.clause.couleur is Couleur.VERTE or lue.clause.departementale:
        raison = _("Cette partie est verte : elle s’adapte une fois pour le département.")
    else:
        raison = _("Cette partie est fixe, ou le texte ne se modifie plus dans cet état.")
    return render_view(
        "redaction/impossible.html",
        status=409,
        fil=commun.fil(lu, (lue.titre, "")),
        titre=lue.titre,
        raison=raison,
        retour=rendu.adresse(lu, lue),
    )


@bp.post("/clauses/<code>/position")
@requires(Permission.REDACTION_NEGOCIER)
def position(convention_ref: str, code: str) -> Response:
    """Accept, make a reservation, refuse; then lead to the next clause that waits for me."""
    actor, lu = _lire(convention_ref, code)
    lu.clause(code)
    form = FormPosition()
    if not form.validate_on_submit():
        return page_clause(actor, lu, code, position=form, status=422)
    choix = next((p for p in Position if p.value == form.position.data), Position.PROPOSEE)
    try:
        service.prendre_position(
            db(),
            clock(),
            actor,
            convention_ref,
            code,
            form.version_number,
            position=choix,
            motif=form.motif.data or "",
        )
    except StaleVersion:
        return _depassee(convention_ref, code, form)
    except (DomainError, DomainErrors) as error:
        form.refuse(error)
        return page_clause(actor, lu, code, position=form, status=422)
    titre = lu.clause(code).titre
    libelle = _(LIBELLES_POSITION[choix]).lower()
    flash(_("%(clause)s : %(position)s.", clause=titre, position=libelle), "succes")
    lu = commun.texte(actor, convention_ref, code)
    if choix is not Position.ACCEPTEE:
        return see_other(rendu.adresse(lu, lu.clause(code), commun.vue()))
    return see_other(rendu.prochaine(lu, actor, code))


def _depassee(convention_ref: str, code: str, form: Any) -> Response:
    """Show what changed since the clause was read, and keep the reason that was typed."""
    db().rollback()
    db().expire_all()
    actor = current_actor()
    lu = commun.texte(actor, convention_ref, code)
    lue = lu.clause(code)
    vu = str(form.vu.data or "")
    depuis = [
        fait
        for fait in fil.depuis(db(), lu.entete.id, int(vu) if vu.isdecimal() and len(vu) < 10 else 0)
        if fait.code == code
    ]
    form.version.data, form.vu.data = str(lue.ecrit.version), str(lu.numero)
    return page_clause(
        actor,
        lu,
        code,
        position=form,
        status=409,
        depassee=histoire.evenements(depuis, lue, lu.entete.fuseau),
    )


@bp.post("/clauses/<code>/commentaires")
@requires(Permission.REDACTION_NEGOCIER)
def commenter(convention_ref: str, code: str) -> Response:
    """Add a remark to the thread."""
    actor, lu = _lire(convention_ref, code)
    lue, form = lu.clause(code), FormCommentaire()
    if form.validate_on_submit():
        try:
            service.commenter(
                db(),
                clock(),
                actor,
                convention_ref,
                code,
                texte=form.texte.data or "",
                cle=form.cle_idempotence.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Votre commentaire est ajouté."), "succes")
            return see_other(rendu.adresse(lu, lue, commun.vue()) + "#clause-fil")
    return page_clause(actor, lu, code, commentaire=form, status=422)


@bp.post("/clauses/<code>/commentaires/<commentaire_ref>/resoudre")
@requires(Permission.REDACTION_NEGOCIER)
def resoudre(convention_ref: str, code: str, commentaire_ref: str) -> Response:
    """Say that a remark is settled."""
    actor, lu = _lire(convention_ref, code)
    lue, form = lu.clause(code), FormActe()
    if form.validate_on_submit():
        service.resoudre(db(), clock(), actor, convention_ref, code, commentaire_ref)
        flash(_("Le commentaire est marqué comme résolu."), "succes")
    return see_other(rendu.adresse(lu, lue, request.values.get("vue", "toutes")) + "#clause-fil")


@bp.route("/reprendre", methods=["GET", "POST"])
@requires(Permission.REDACTION_NEGOCIER)
def reprendre(convention_ref: str) -> Response:
    """Accept again at once the unchanged clauses that one's party had agreed to; ★ stay one by one."""
    actor, lu = commun.lire(convention_ref)
    if not can(actor, Permission.REDACTION_NEGOCIER, lu.entete):
        raise Forbidden(Permission.REDACTION_NEGOCIER.value)
    form, accueil = FormReprise(), url_for("redaction.texte", convention_ref=convention_ref)
    lues = commun.reprenables(actor, lu)
    if form.validate_on_submit():
        try:
            faites = reprise.reprendre(db(), clock(), actor, lu, form.versions)
        except (DomainError, DomainErrors) as error:
            db().rollback()
            form.refuse(error)
        else:
            _dire_reprise(len(faites), len(form.versions) - len(faites))
            return see_other(accueil)
    return render_view(
        "redaction/reprendre.html",
        status=422 if form.errors or form.form_errors else 200,
        fil=commun.fil(lu, (_("Accepter de nouveau"), "")),
        lu=lu,
        form=form,
        lues=[(lue, rendu.adresse(lu, lue, "moi")) for lue in lues],
        restent=len(rendu.a_moi(lu, actor)) - len(lues),
        action=request.path,
        annuler=accueil,
    )


def _dire_reprise(faites: int, laissees: int) -> None:
    """Tell how many clauses were accepted, and how many moved while the page was read."""
    if faites:
        flash(
            ngettext(
                "Une clause est acceptée de nouveau.", "%(num)s clauses sont acceptées de nouveau.", faites
            ),
            "succes",
        )
    if laissees:
        flash(
            ngettext(
                "Une clause a changé entre-temps : elle reste à examiner.",
                "%(num)s clauses ont changé entre-temps : elles restent à examiner.",
                laissees,
            ),
            "alerte",
        )
