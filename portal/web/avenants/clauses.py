"""Acts of a party on one clause of an avenant: reading it, proposing, taking a position."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from wtforms import HiddenField

from portal.conventions.avenants import fil, negociation
from portal.conventions.avenants.composition import Modification
from portal.conventions.avenants.queries import ClauseAvenant, Lu
from portal.conventions.policies import partie_de
from portal.conventions.redaction.enums import LIBELLES_POSITION, Position
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.avenants import commun
from portal.web.avenants.blueprint import bp
from portal.web.avenants.forms import FormActe
from portal.web.avenants.pages import de_l_avenant
from portal.web.conflits import conflict, field_text
from portal.web.context import clock, current_actor, db
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.redaction import histoire, rendu
from portal.web.redaction.commun import deja_proposee
from portal.web.redaction.forms import FormCommentaire, FormPosition, form_clause, valeurs_de
from portal.web.render import render_view, see_other


@bp.get("/<avenant_ref>/clauses/<code>")
@requires(Permission.CONVENTIONS_LIRE)
def clause(convention_ref: str, avenant_ref: str, code: str) -> Response:
    """One clause of an avenant: before, after, word by word, and where the three parties stand."""
    actor, lu = commun.lire(convention_ref, avenant_ref)
    return _page(actor, lu, lu.clause(code))


def _page(
    actor: Actor,
    lu: Lu,
    lue: ClauseAvenant,
    *,
    position: FormPosition | None = None,
    commentaire: FormCommentaire | None = None,
    status: int = 200,
    **plus: Any,
) -> Response:
    """Return the page of a clause, with forms that an error may have filled."""
    if position is None:
        position = FormPosition(data={"version": str(lue.version), "vu": lu.marque})
    return render_view(
        "avenants/clause.html",
        status=status,
        fil=commun.fil(lu, (lue.titre, "")),
        lu=lu,
        vit=commun.vit(lu),
        form_position=position,
        form_commentaire=commentaire or FormCommentaire(),
        **commun.de_la_clause(actor, lu, lue),
        **plus,
    )


@bp.get("/<avenant_ref>/etat")
@requires(Permission.CONVENTIONS_LIRE)
def veille(convention_ref: str, avenant_ref: str) -> Response:
    """What is new since a mark of the avenant: nothing (204), or the parts of the page to replace."""
    actor = current_actor()
    connue = request.args.get("n", "")
    if connue == fil.marque(db(), actor, convention_ref, avenant_ref):
        return Response(status=204)
    _actor, lu = commun.lire(convention_ref, avenant_ref)
    code = request.args.get("clause", "")
    lue = next((une for une in lu.clauses if une.code == code), None)
    des_autres = [
        fait for fait in fil.depuis(db(), lu.avenant.id, connue) if fait.personne_id != actor.personne_id
    ]
    contexte: dict[str, Any] = {}
    if lue is not None:
        contexte = commun.de_la_clause(actor, lu, lue) | {
            "form_position": FormPosition(formdata=None, data={"version": str(lue.version), "vu": lu.marque}),
            "form_commentaire": FormCommentaire(formdata=None),
            "ici": [fait for fait in des_autres if fait.code == code],
        }
    elif not code:
        contexte = de_l_avenant(actor, lu)
    return render_view(
        "avenants/_direct.html",
        lu=lu,
        annonces=histoire.annonces(des_autres, {une.code: une.titre for une in lu.clauses}),
        edition="edition" in request.args,
        code=code,
        lue=lue,
        **contexte,
    )


@bp.post("/<avenant_ref>/clauses/<code>/position")
@requires(Permission.REDACTION_NEGOCIER)
def position(convention_ref: str, avenant_ref: str, code: str) -> Response:
    """Accept, make a reservation, refuse; then lead to the next clause that waits for me."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.REDACTION_NEGOCIER)
    form, sortie = FormPosition(), _sortie(lu, code)
    if sortie:
        return _perdue(lu, sortie, form)
    lue = lu.clause(code)
    choix = next((p for p in Position if p.value == form.position.data), Position.PROPOSEE)
    if not form.validate_on_submit():
        return _page(actor, lu, lue, position=form, status=422)
    try:
        negociation.prendre_position(
            db(),
            clock(),
            actor,
            convention_ref,
            avenant_ref,
            code,
            form.version_number,
            position=choix,
            motif=form.motif.data or "",
        )
    except StaleVersion:
        return _depassee(actor, commun.relire(lu), code, form)
    except (DomainError, DomainErrors) as error:
        form.refuse(error)
        return _page(actor, lu, lue, position=form, status=422)
    libelle = _(LIBELLES_POSITION[choix]).lower()
    flash(_("%(clause)s : %(position)s.", clause=lue.titre, position=libelle), "succes")
    _actor, lu = commun.lire(convention_ref, avenant_ref)
    partie = partie_de(actor)
    suite = next((une.code for une in lu.clauses if une.code != code and partie in une.attendues), None)
    if choix is Position.ACCEPTEE:
        return see_other(commun.adresse_clause(lu, suite) if suite else commun.adresse(lu))
    return see_other(commun.adresse_clause(lu, code))


def _depassee(actor: Actor, lu: Lu, code: str, form: FormPosition) -> Response:
    """Show what changed since the clause was read, and keep the reason that was typed."""
    lue = lu.clause(code)
    depuis = [fait for fait in fil.depuis(db(), lu.avenant.id, form.vu.data or "") if fait.code == code]
    form.version.data, form.vu.data = str(lue.version), lu.marque
    depassee = commun.evenements(lue, depuis, lu.fuseau)
    return _page(actor, lu, lue, position=form, status=409, depassee=depassee)


@bp.post("/<avenant_ref>/clauses/<code>/commentaires")
@requires(Permission.REDACTION_NEGOCIER)
def commenter(convention_ref: str, avenant_ref: str, code: str) -> Response:
    """Add a remark to the thread."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.REDACTION_NEGOCIER)
    form, sortie = FormCommentaire(), _sortie(lu, code)
    if sortie:
        return _perdue(lu, sortie, form)
    lue = lu.clause(code)
    if form.validate_on_submit():
        try:
            negociation.commenter(
                db(),
                clock(),
                actor,
                convention_ref,
                avenant_ref,
                code,
                texte=form.texte.data or "",
                cle=form.cle_idempotence.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Votre commentaire est ajouté."), "succes")
            return see_other(commun.adresse_clause(lu, code) + "#clause-fil")
    return _page(actor, lu, lue, commentaire=form, status=422)


@bp.post("/<avenant_ref>/clauses/<code>/commentaires/<commentaire_ref>/resoudre")
@requires(Permission.REDACTION_NEGOCIER)
def resoudre(convention_ref: str, avenant_ref: str, code: str, commentaire_ref: str) -> Response:
    """Say that a remark is settled."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.REDACTION_NEGOCIER)
    sortie = _sortie(lu, code)
    if sortie:
        return _perdue(lu, sortie, FormActe())
    lu.clause(code)
    if FormActe().validate_on_submit():
        negociation.resoudre(db(), clock(), actor, convention_ref, avenant_ref, code, commentaire_ref)
        flash(_("Le commentaire est marqué comme résolu."), "succes")
    return see_other(commun.adresse_clause(lu, code) + "#clause-fil")


@bp.route("/<avenant_ref>/clauses/<code>/proposer", methods=["GET", "POST"])
@requires(Permission.REDACTION_NEGOCIER)
def proposer(convention_ref: str, avenant_ref: str, code: str) -> Response:
    """Propose another text or other values; both versions are shown when someone wrote first."""
    actor, lu = commun.lire(convention_ref, avenant_ref, Permission.REDACTION_NEGOCIER)
    sortie = _sortie(lu, code) if request.method == "POST" else None
    if sortie:
        return _perdue(lu, sortie, _form(lu, sortie))
    lue = lu.clause(code)
    if not commun.peut_agir(actor, lu) or not lue.modification.modifiable:
        return _impossible(lu, lue)
    form, rival = _form(lu, lue.modification, lue.version), None
    if form.validate_on_submit():
        try:
            negociation.ecrire(
                db(),
                clock(),
                actor,
                convention_ref,
                avenant_ref,
                code,
                form.version_number,
                texte=form.texte.data if "texte" in form else None,
                valeurs=valeurs_de(form, lue.modification.modele),
                motif=form.motif.data or "",
            )
        except StaleVersion:
            lu = commun.relire(lu)
            lue = lu.clause(code)
            stocke = _form(lu, lue.modification, lue.version, formdata=None)
            rival = conflict(lue.ligne, stocke, form, commun.adresse_clause(lu, code))
            partie = partie_de(actor)
            if partie and deja_proposee(lue.positions[partie].position, rival):
                return see_other(commun.adresse_clause(lu, code))
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Votre proposition est enregistrée. Les autres parties l’examinent."), "succes")
            return see_other(commun.adresse_clause(lu, code))
    return render_view(
        "avenants/proposer.html",
        status=409 if rival else (422 if form.errors or form.form_errors else 200),
        fil=commun.fil(lu, (lue.titre, commun.adresse_clause(lu, code)), (_("Proposer"), "")),
        lu=lu,
        lue=lue,
        form=form,
        rival=rival,
        avant=rendu.blocs(lue.modification.blocs_avant),
        action=url_for(
            "avenants.proposer", convention_ref=convention_ref, avenant_ref=avenant_ref, code=code
        ),
        annuler=commun.adresse_clause(lu, code),
    )


def _form(lu: Lu, une: Modification, version: int = 0, **options: Any) -> Any:
    """Return the form of a clause, filled with what the avenant makes of it. `version`: of the clause."""
    if une.apres is None:
        raise NotVisible(une.code)
    texte = lu.composee.apres.textes.get(une.code, une.apres.clause.texte).strip()
    form = form_clause(une.apres, texte, **options)
    if not form.is_submitted() or "formdata" in options:
        form.version.data = str(version)
    return form


def _sortie(lu: Lu, code: str) -> Modification | None:
    """Return a clause of the text that the avenant is not, or no longer, about; None otherwise."""
    if any(lue.code == code for lue in lu.clauses):
        return None
    une = lu.composee.modification(code)
    return une if une is not None and une.modifiable else None


def _perdue(lu: Lu, une: Modification, form: Formulaire) -> Response:
    """Show what was typed on a clause that has just been taken out of the avenant: it is not recorded."""
    saisies = [(champ.label.text, field_text(champ)) for champ in form if not isinstance(champ, HiddenField)]
    return render_view(
        "avenants/clause_sortie.html",
        status=409,
        fil=commun.fil(lu, (une.titre, "")),
        titre=une.titre,
        saisies=[(libelle, texte) for libelle, texte in saisies if texte],
        retour=commun.adresse(lu),
    )


def _impossible(lu: Lu, lue: ClauseAvenant) -> Response:
    phrase = (
        _("Cette partie est verte ou fixe, ou elle sort de la convention : personne ne l’écrit ici.")
        if not lue.modification.modifiable
        else _("Les clauses de cet avenant ne se modifient pas dans cet état.")
    )
    return render_view(
        "redaction/impossible.html",
        status=409,
        fil=commun.fil(lu, (lue.titre, "")),
        titre=lue.titre,
        raison=phrase,
        retour=commun.adresse_clause(lu, lue.code),
    )
