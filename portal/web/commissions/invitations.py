"""Convening a session, reminding, inviting one function more, answering, noting who was there."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.annuaire.recherche import FiltreAnnuaire, chercher
from portal.commissions import invitations as service
from portal.commissions import queries, queries_seances
from portal.commissions.enums import Canal, Presence, Reponse
from portal.commissions.seances import finie, ouverte
from portal.commissions.suppleances import Part, de_l_annuaire
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.commissions.composition import PROPOSEES
from portal.web.commissions.forms import FormSiege
from portal.web.commissions.forms_seances import FormMotif, FormReponse, form_presences
from portal.web.commissions.seances import adresse, depasse, fil_de, fuseau, lire
from portal.web.context import clock, db
from portal.web.forms import Formulaire, domain_message, read_version
from portal.web.guards import requires
from portal.web.organisations.filtres import text
from portal.web.organisations.routes import status_of
from portal.web.render import render_view, see_other


@bp.route("/seances/<seance_ref>/convoquer", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def convoquer(seance_ref: str) -> Response:
    """Invite every function that sits."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    form = FormMotif(data={"version": str(seance.version)})
    form.motif.label.text = _("Pourquoi cette séance ne peut pas attendre")
    limite = service.date_limite(db(), seance)
    late = clock().today(fuseau(seance)) > limite
    overtaken = False
    if form.validate_on_submit():
        try:
            motif = form.motif.data or ""
            written = service.convoquer(db(), clock(), actor, seance, motif, version=form.version_number)
        except StaleVersion:
            db().expire_all()
            depasse(form, lire(seance_ref)[1])
            overtaken = True
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(
                ngettext("%(num)s invitation est partie.", "%(num)s invitations sont parties.", written),
                "succes",
            )
            return see_other(adresse(seance))
    return render_view(
        "commissions/acte.html",
        "commissions/_motif.html",
        status=409 if overtaken else status_of(form),
        fil=fil_de(seance, (_("Convoquer"), "")),
        titre=_("Inviter toutes les fonctions qui siègent ?"),
        texte=_(
            "Chacune reçoit un courriel avec la séance pour son agenda et un lien pour répondre. Aucun "
            "ménage n’y est nommé."
        ),
        corps="commissions/_motif.html",
        form=form,
        bouton=_("Envoyer les invitations"),
        ton="principal",
        motif=late,
        action=adresse(seance, "/convoquer"),
        annuler=adresse(seance),
    )


@bp.post("/seances/<seance_ref>/relancer")
@requires(Permission.COMMISSIONS_REUNIR)
def relancer(seance_ref: str) -> Response:
    """Write again to those who have not answered."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    try:
        version = Formulaire().version_number
        written = service.relancer(db(), clock(), actor, seance, version=version)
    except StaleVersion:
        _perime()
    except DomainError as error:
        db().rollback()
        flash(domain_message(error), "alerte")
    else:
        flash(ngettext("%(num)s courriel est parti.", "%(num)s courriels sont partis.", written), "succes")
    return see_other(f"/commissions/seances/{seance_ref}")


@bp.route("/seances/<seance_ref>/inviter", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def inviter(seance_ref: str) -> Response:
    """Look for a function of the directory, and invite it to this session."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    form = FormSiege(data={"version": str(seance.version)})
    if form.validate_on_submit():
        try:
            fonction = form.fonction.data or ""
            service.inviter(db(), clock(), actor, seance, fonction, version=form.version_number)
        except StaleVersion:
            db().expire_all()
            _actor, seance = lire(seance_ref)
            depasse(form, seance)
        except DomainError as error:
            form.form_errors = [domain_message(error)]
        else:
            flash(_("L’invitation est partie."), "succes")
            return see_other(adresse(seance))
    filtre = FiltreAnnuaire(texte=text("q"), departement_code=seance.departement_code)
    resultat = chercher(db(), actor, filtre, clock().today(actor.fuseau), taille=PROPOSEES)
    invited = {one.referent_id for one in seance.invitations}
    return render_view(
        "commissions/siege.html",
        "commissions/_sieges.html",
        status=422 if form.form_errors else 200,
        fil=fil_de(seance, (_("Inviter une autre fonction"), "")),
        commission=seance.commission,
        version=seance.version,
        titre=_("Inviter une autre fonction"),
        geste=_("Inviter"),
        suite={},
        filtre=filtre,
        lignes=[one for one in resultat.lignes if one.id not in invited],
        plus=resultat.plus or bool(resultat.page and resultat.page.next),
        fonctions=commun.libelles_fonctions(seance.departement_code),
        form=form,
        here=url_for("commissions.inviter", seance_ref=seance_ref),
        annuler=adresse(seance),
    )


@bp.route("/seances/<seance_ref>/invitations/<invitation_ref>/retirer", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def retirer(seance_ref: str, invitation_ref: str) -> Response:
    """Withdraw an invitation."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    invitation = service.de_la_seance(seance, invitation_ref)
    qui = invitation.nom or invitation.email or invitation.referent.organisation.nom
    form = Formulaire(data={"version": str(seance.version)})
    overtaken = False
    if form.validate_on_submit():
        try:
            version = form.version_number
            service.retirer(db(), clock(), actor, seance, invitation_ref, version=version)
        except StaleVersion:
            db().expire_all()
            depasse(form, lire(seance_ref)[1])
            overtaken = True
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("L’invitation est retirée."), "succes")
            return see_other(adresse(seance))
    return render_view(
        "commissions/acte.html",
        "commissions/_motif.html",
        status=409 if overtaken else status_of(form),
        fil=fil_de(seance, (_("Retirer l’invitation"), "")),
        titre=_("Retirer l’invitation de %(nom)s ?", nom=qui),
        texte=_(
            "Un courriel prévient cette personne, et la séance quitte son agenda. Sa fonction ne sera plus "
            "invitée à cette séance, à moins que vous ne l’invitiez de nouveau."
        ),
        corps="commissions/_motif.html",
        form=form,
        bouton=_("Retirer l’invitation"),
        ton="danger",
        motif=False,
        action=adresse(seance, f"/invitations/{invitation_ref}/retirer"),
        annuler=adresse(seance),
    )


@bp.route("/seances/<seance_ref>/invitations/<invitation_ref>/repondre", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_LIRE)
def repondre(seance_ref: str, invitation_ref: str) -> Response:
    """Answer one's own invitation, as invited or as the deputy, or note the answer that the secretariat
    received."""
    actor, seance = lire(seance_ref)
    invitation = service.de_la_seance(seance, invitation_ref)
    part = queries_seances.part_de(actor, invitation)
    note = part is None
    if part is None:
        if not can(actor, Permission.COMMISSIONS_REUNIR, queries.vise(seance.commission)):
            raise Forbidden(Permission.COMMISSIONS_REUNIR.value)
        part = Part(invitation)
    form = FormReponse.de(part, second=de_l_annuaire(db(), invitation), tierce=note)
    if request.method == "GET":
        form.version.data = str(seance.sequence)
    overtaken = False
    if form.validate_on_submit():
        repondre = service.repondre_suppleant if part.suppleance else service.repondre
        try:
            repondre(
                db(),
                clock(),
                actor,
                invitation,
                Reponse(form.reponse.data),
                Canal.SECRETARIAT if note else Canal.PORTAIL,
                sequence=read_version(request.form.get("version")),
                **form.saisie,
            )
        except StaleVersion:
            depasse(form, seance)
            form.version.data = str(seance.sequence)
            overtaken = True
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La réponse est enregistrée."), "succes")
            return see_other(adresse(seance))
    qui = invitation.nom or invitation.email
    return render_view(
        "commissions/acte.html",
        "commissions/_repondre.html",
        status=409 if overtaken else status_of(form),
        fil=fil_de(seance, (_("Répondre"), "")),
        titre=_("Réponse reçue de %(nom)s", nom=qui) if note else _("Viendrez-vous ?"),
        corps="commissions/_repondre.html",
        part=part,
        seance=seance,
        fuseau=fuseau(seance),
        form=form,
        action=adresse(seance, f"/invitations/{invitation_ref}/repondre"),
        annuler=adresse(seance),
    )


@bp.route("/seances/<seance_ref>/presences", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def presences(seance_ref: str) -> Response:
    """Note who is there, college by college. `?annonces=1`: begins with what each one had answered."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    if not service.peut_noter(db(), clock(), seance):
        flash(_("Les présences se notent quand la séance a commencé."), "alerte")
        return see_other(adresse(seance))
    annonces = request.args.get("annonces") == "1"
    form = form_presences(seance, annoncees=annonces)
    en_cours = ouverte(db(), seance) and not finie(db(), clock(), seance)
    retour = f"/seances/{seance.ref}/conduite" if en_cours else adresse(seance)
    overtaken = False
    if form.validate_on_submit():
        kinds = {kind.value: kind for kind in Presence}
        noted = {one.ref: kinds.get(form[f"p_{one.ref}"].data or "") for one in seance.invitations}
        try:
            service.noter_presences(
                db(),
                clock(),
                actor,
                seance,
                {ref: kind for ref, kind in noted.items() if kind is not None},
                version=form.version_number,
            )
        except StaleVersion:
            db().expire_all()
            depasse(form, lire(seance_ref)[1])
            overtaken = True
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Les présences sont notées."), "succes")
            return see_other(retour)
    return render_view(
        "commissions/acte.html",
        "commissions/_presences.html",
        status=409 if overtaken else status_of(form),
        fil=fil_de(seance, (_("Présences"), "")),
        titre=_("Qui est là ?") if en_cours else _("Qui était là ?"),
        corps="commissions/_presences.html",
        large=True,
        colleges=_par_college(seance),
        annonces=not annonces and not any(one.presence for one in seance.invitations),
        fonctions=commun.libelles_fonctions(seance.departement_code),
        form=form,
        action=adresse(seance, "/presences"),
        annuler=retour,
    )


def _par_college(seance: Any) -> list[tuple[str, list[Any]]]:
    """Return who is invited, by college and in its order; those outside of them last, under no name."""
    rows: dict[tuple[bool, int, str], list[Any]] = {}
    for one in seance.invitations:
        college = one.college
        cle = (college is None, college.rang if college else 0, college.nom if college else "")
        rows.setdefault(cle, []).append(one)
    return [(nom, siens) for (_dehors, _rang, nom), siens in sorted(rows.items(), key=lambda row: row[0])]


def _perime() -> None:
    db().rollback()
    flash(_("Cette séance a changé pendant que vous la lisiez : relisez-la, puis recommencez."), "alerte")
