"""Acts on a round as a whole: opening it, its table, its meetings, its end."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.conventions.tours import queries, reunions, service, table
from portal.conventions.tours.enums import LIBELLES_STATUT_TOUR
from portal.conventions.tours.lu import TourLu
from portal.conventions.tours.workflow import WORKFLOW
from portal.organisations.enums import TypeOrganisation
from portal.organisations.queries import partners
from portal.security.permissions import SIAO, Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, NotVisible, StaleVersion
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db
from portal.web.conventions import tableau
from portal.web.guards import requires
from portal.web.render import render_view, see_other
from portal.web.tours import commun, rendu
from portal.web.tours.blueprint import bp
from portal.web.tours.forms import FormChoix, FormClore, FormEtape, FormOuvrir, FormReunion, FormTable

TEXTES = ("heure", "lieu", "ordre_du_jour", "participants", "notes")


def _statut(form: Any, status: int) -> int:
    return 409 if status == 409 else (422 if form.errors or form.form_errors else 200)


def _siaos(actor: Actor) -> list[Any]:
    """Return the SIAO with which the actor may open a round: its own, else those of the département."""
    tous = partners(db(), actor.departement_code, TypeOrganisation.SIAO)
    if actor.profil in SIAO:
        return [siao for siao in tous if siao.id == actor.organisation_id]
    return list(tous)


@bp.route("/ouvrir", methods=["GET", "POST"])
@requires(Permission.TOURS_PILOTER)
def ouvrir() -> Response:
    """Open a round: its nature first, then who sits at the table."""
    actor = current_actor()
    siaos, noms = _siaos(actor), tableau.mots().natures
    code = request.values.get("nature", "")
    siao = next(
        (s for s in siaos if s.ref == request.values.get("siao")), siaos[0] if len(siaos) == 1 else None
    )
    fil = [(_("Tours collectifs"), url_for("tours.liste")), (_("Ouvrir un tour"), "")]
    if code not in noms or siao is None:
        choix = FormChoix(formdata=None, data={"nature": code})
        choix.nature.choices = [("", _("Choisir une nature")), *noms.items()]
        choix.siao.choices = [(s.ref, s.nom) for s in siaos]
        return render_view(
            "tours/choisir.html", fil=fil, form=choix, plusieurs=len(siaos) > 1, incomplet=bool(request.args)
        )
    autour = table.invitables(db(), siao.id, code)
    form = FormOuvrir(
        data={
            "nature": code,
            "siao": siao.ref,
            "operateurs": [one.ref for one in autour if one.propose],
        }
    )
    form.operateurs.choices = [(one.ref, one.nom) for one in autour]
    if form.validate_on_submit():
        try:
            tour = service.ouvrir(
                db(),
                clock(),
                actor,
                nature_code=code,
                siao_ref=siao.ref,
                operateurs=form.operateurs.data or (),
                intitule=form.intitule.data or "",
                cle=form.cle_idempotence.data,
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("Le tour est ouvert. Les opérateurs sont invités."), "succes")
            return see_other(url_for("tours.tour", tour_ref=tour.ref))
    return render_view(
        "tours/formulaire.html",
        status=_statut(form, 200),
        fil=fil,
        sujet=_("Ouvrir un tour"),
        chapeau=f"{noms[code]} · {siao.nom}",
        form=form,
        action=url_for("tours.ouvrir"),
        annuler=url_for("tours.ouvrir"),
        bouton=_("Ouvrir le tour"),
    )


@bp.route("/<tour_ref>/table", methods=["GET", "POST"])
@requires(Permission.TOURS_PILOTER)
def composer(tour_ref: str) -> Response:
    """Who sits at the table."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    autour = table.invitables(db(), lu.siao_id, lu.nature_code, lu.id)
    presents = [one.ref for one in autour if one.present]
    form, status = FormTable(data={"version": str(lu.version), "operateurs": presents}), 200
    form.operateurs.choices = [(one.ref, one.nom) for one in autour]
    if form.validate_on_submit():
        try:
            service.composer_la_table(
                db(),
                clock(),
                actor,
                tour_ref,
                form.version_number,
                operateurs=form.operateurs.data or (),
            )
        except StaleVersion:
            if set(form.operateurs.data or ()) == set(presents):  # the same form, sent twice
                return see_other(url_for("tours.tour", tour_ref=tour_ref))
            form, status = _reprendre(form, tour_ref)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La table est à jour."), "succes")
            return see_other(url_for("tours.tour", tour_ref=tour_ref))
    return _formulaire(
        lu,
        _("Autour de la table"),
        form,
        status,
        chapeau=_("Un opérateur qui quitte la table ne voit plus le tour ; ce qu’il a répondu est gardé."),
        bouton=_("Enregistrer"),
    )


def _reprendre(form: Any, tour_ref: str) -> tuple[Any, int]:
    """Keep what was typed over the version that someone else has just saved."""
    _actor, lu = commun.relire(tour_ref)
    form.version.data = str(lu.version)
    form.form_errors = [_("Quelqu’un a enregistré entre-temps. Vérifiez, puis envoyez de nouveau.")]
    return form, 409


def _formulaire(lu: TourLu, sujet: str, form: Any, status: int, **plus: Any) -> Response:
    return render_view(
        "tours/formulaire.html",
        status=_statut(form, status),
        fil=commun.fil(lu, (sujet, "")),
        sujet=sujet,
        form=form,
        action=request.path,
        annuler=url_for("tours.tour", tour_ref=lu.ref),
        **plus,
    )


@bp.route("/<tour_ref>/etapes/<transition>", methods=["GET", "POST"])
@requires(Permission.TOURS_PILOTER)
def etape(tour_ref: str, transition: str) -> Response:
    """Close, abandon or reopen a round: what it does, then the confirmation."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    if transition not in rendu.ETAPES:
        raise NotVisible(transition)
    sujet, chapeau, ton = rendu.ETAPES[transition]
    classe: type[Any] = FormClore if transition == "clore" else FormEtape
    form, status = classe(data={"version": str(lu.version)}), 200
    if lu.statut not in WORKFLOW[transition].sources:
        etat = _(LIBELLES_STATUT_TOUR[lu.statut]).lower()
        flash(_("Le tour est %(etat)s : il n’y a plus rien à confirmer.", etat=etat), "info")
        return see_other(url_for("tours.tour", tour_ref=tour_ref))
    if form.validate_on_submit():
        motif = "" if transition == "clore" else form.motif.data or ""
        try:
            service.terminer(db(), clock(), actor, tour_ref, form.version_number, transition, motif=motif)
        except StaleVersion:
            form, status = _reprendre(form, tour_ref)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("C’est fait. Les participants sont prévenus."), "succes")
            return see_other(url_for("tours.tour", tour_ref=tour_ref))
    return _formulaire(
        lu,
        _(sujet),
        form,
        status,
        chapeau=_(chapeau),
        bouton=_(sujet),
        ton=ton,
        prevu=rendu.cloture_prevue(lu, table.avec_ligne(db(), lu.id)) if transition == "clore" else [],
    )


@bp.route("/<tour_ref>/reunions/convoquer", methods=["GET", "POST"])
@requires(Permission.TOURS_PILOTER)
def convoquer(tour_ref: str) -> Response:
    """Plan a meeting."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    form = FormReunion()
    if form.validate_on_submit():
        textes = {champ: form[champ].data or "" for champ in TEXTES}
        try:
            reunions.convoquer(
                db(), clock(), actor, tour_ref, le=form.le.data, cle=form.cle_idempotence.data, **textes
            )
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La réunion est prévue. Les participants sont convoqués."), "succes")
            return see_other(url_for("tours.tour", tour_ref=tour_ref))
    return _formulaire(
        lu,
        _("Convoquer une réunion"),
        form,
        200,
        chapeau=_("L’État, le SIAO et les opérateurs du tour reçoivent un courriel."),
        bouton=_("Convoquer"),
    )


@bp.route("/<tour_ref>/reunions/<reunion_ref>", methods=["GET", "POST"])
@requires(Permission.TOURS_PILOTER)
def modifier_reunion(tour_ref: str, reunion_ref: str) -> Response:
    """Move a meeting, or write its notes; both versions are shown when someone wrote first."""
    actor, lu = commun.lire(tour_ref, Permission.TOURS_PILOTER)
    form, rival = _form_reunion(queries.reunion_dans(lu, reunion_ref)), None
    if form.validate_on_submit():
        textes = {champ: form[champ].data or "" for champ in TEXTES}
        try:
            reunions.modifier(
                db(),
                clock(),
                actor,
                tour_ref,
                reunion_ref,
                form.version_number,
                le=form.le.data,
                **textes,
            )
        except StaleVersion as stale:
            actuelle = stale.current
            _actor, lu = commun.relire(tour_ref)
            stocke = _form_reunion(queries.reunion_dans(lu, reunion_ref), formdata=None)
            rival = conflict(actuelle, stocke, form, request.path)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            flash(_("La réunion est à jour."), "succes")
            return see_other(url_for("tours.tour", tour_ref=tour_ref))
    return _formulaire(
        lu,
        _("Réunion"),
        form,
        409 if rival else 200,
        chapeau=_("Changer le jour, l’heure ou le lieu convoque de nouveau les participants."),
        bouton=_("Enregistrer"),
        rival=rival,
    )


def _form_reunion(reunion: Any, **options: Any) -> FormReunion:
    donnees = {champ: getattr(reunion, champ) for champ in ("le", *TEXTES)}
    return FormReunion(data=donnees | {"version": str(reunion.version)}, **options)
