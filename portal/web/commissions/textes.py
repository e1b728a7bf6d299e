"""The règlement intérieur and the confidentiality undertaking: read, accepted, published anew."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from portal.commissions import queries, textes
from portal.commissions.enums import LIBELLES_TEXTE, Dossiers, GenreTexte
from portal.organisations.natures import fuseaux
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import PARIS
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.commissions.forms import FormTexte
from portal.web.context import clock, db
from portal.web.forms import Formulaire
from portal.web.guards import local_target, requires
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.get("/<commission_ref>/textes")
@requires(Permission.COMMISSIONS_LIRE)
def textes_de(commission_ref: str) -> Response:
    """The texts in force; those who sit accept them. `suite`: what the reader came to read."""
    actor, commission = commun.lire(commission_ref)
    vise = queries.vise(commission)
    configure = can(actor, Permission.COMMISSIONS_CONFIGURER, vise)
    lus = textes.en_vigueur(db(), actor, commission.id)
    return render_view(
        "commissions/textes.html",
        fil=commun.fil_de(commission, (_("Textes"), "")),
        commission=commission,
        fuseau=fuseaux().get(commission.departement_code, PARIS),
        lus=lus,
        manquants=[one for one in GenreTexte if one not in {lu.genre for lu in lus}],
        siege=_siege(actor, commission),
        suite=request.args.get("suite", ""),
        lit=commission.dossiers is not Dossiers.AUCUN and can(actor, Permission.DOSSIERS_LIRE),
        configure=configure,
        acceptations=textes.acceptations(db(), commission.id) if configure else [],
        versions=textes.versions(db(), commission.id),
        form=Formulaire(),
    )


@bp.route("/<commission_ref>/textes/<genre>", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_CONFIGURER)
def texte_publier(commission_ref: str, genre: str) -> Response:
    """Publish a new version of a text."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_CONFIGURER)
    kind = next((one for one in GenreTexte if one.value == genre), None)
    if kind is None:
        abort(404)
    lu = next((one for one in textes.en_vigueur(db(), actor, commission.id) if one.genre is kind), None)
    texte = lu.texte if lu else _propose(kind)
    form = FormTexte(data={"version": str(commission.version), "texte": texte})
    back = commun.adresse(commission, "/textes")
    overtaken = False
    if form.validate_on_submit():
        try:
            textes.publier(
                db(), clock(), actor, commission, kind, form.texte.data or "", version=form.version_number
            )
        except StaleVersion:
            db().expire_all()
            commun.depasse(form, commun.lire(commission_ref)[1])
            overtaken = True
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le texte est publié : chacun est invité à l’accepter."), "succes")
            return see_other(back)
    titre = _(LIBELLES_TEXTE[kind])
    return render_view(
        "commissions/acte.html",
        "commissions/_texte.html",
        status=409 if overtaken else status_of(form),
        fil=commun.fil_de(commission, (_("Textes"), back), (titre, "")),
        titre=titre,
        corps="commissions/_texte.html",
        large=True,
        form=form,
        action=commun.adresse(commission, f"/textes/{genre}"),
        annuler=back,
    )


@bp.post("/<commission_ref>/textes/<texte_ref>/accepter")
@requires(Permission.COMMISSIONS_LIRE)
def texte_accepter(commission_ref: str, texte_ref: str) -> Response:
    """Accept the version in force of a text, in one's own name; once all are, go on to what one came to read
    (`suite`)."""
    actor, commission = commun.lire(commission_ref)
    if not _siege(actor, commission):
        raise Forbidden(Permission.COMMISSIONS_LIRE.value)
    try:
        textes.accepter(db(), clock(), actor, commission, texte_ref)
    except NotVisible:
        db().rollback()
        if texte_ref not in {row.ref for row in textes.versions(db(), commission.id)}:
            raise
        flash(_("Ce texte vient de changer : relisez-le avant de l’accepter."), "alerte")
    else:
        flash(_("Merci : votre acceptation est enregistrée."), "succes")
    suite = request.args.get("suite", "")
    if suite and all(lu.acceptee for lu in textes.en_vigueur(db(), actor, commission.id)):
        return see_other(local_target(suite))
    return see_other(url_for("commissions.textes_de", commission_ref=commission_ref, suite=suite or None))


def _siege(actor: Actor, commission: Any) -> bool:
    """Tell whether the actor's organisation sits, or keeps the secretariat: its people accept the texts."""
    return actor.organisation_id in queries.vise(commission).siegent | {commission.secretariat_id}


def _propose(genre: GenreTexte) -> Any:
    """Return the text that a commission without one begins with [P]."""
    if genre is GenreTexte.CONFIDENTIALITE:
        return _(
            "Je garde pour moi ce que j’apprends des ménages en commission et avant elle. Je ne consulte "
            "que les dossiers des séances où je siège. Je ne copie, ne photographie ni ne transmets aucun "
            "document. Je signale tout lien personnel avec un ménage et me retire de l’examen de son dossier."
        )
    return ""
