"""Planning sessions in a rhythm, the page of one, changing it, cancelling it."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_time
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.commissions import invitations, queries, queries_seances
from portal.commissions import seances as service
from portal.commissions.conduite import presents
from portal.commissions.convocations import rendez_vous
from portal.commissions.enums import Dossiers, Presence, Reponse, StatutSeance
from portal.commissions.feries import ferie
from portal.commissions.regles import a_convoquer_avant, occurrences
from portal.commissions.suites_seance import queries_recours as suites
from portal.commissions.suites_seance import releves
from portal.notifications.calendrier import Methode, ecrire
from portal.organisations.natures import fuseaux
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.clock import PARIS
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from portal.shared.jours_dits import jour_dit
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.commissions.forms_seances import FormMotif, FormPlan, FormSeance
from portal.web.conflits import conflict
from portal.web.context import clock, current_actor, db, settings
from portal.web.filters import show_datetime
from portal.web.forms import Formulaire
from portal.web.guards import requires
from portal.web.organisations.routes import status_of
from portal.web.render import attachment, render_view, see_other


def lire(seance_ref: str, permission: Permission | None = None) -> tuple[Actor, Any]:
    """Return who reads and a session that they see; raises NotVisible before Forbidden."""
    actor = current_actor()
    seance = queries_seances.seance(db(), actor, seance_ref)
    if permission is not None and not can(actor, permission, queries.vise(seance.commission)):
        raise Forbidden(permission.value)
    return actor, seance


def fuseau(seance: Any) -> str:
    """Return the time zone of a session: its département's."""
    return fuseaux().get(seance.departement_code, PARIS)


def quand(seance: Any) -> str:
    """Say when a session begins, in full: « mardi 1er décembre 2026, 14:00 »."""
    locale = "en_GB" if commun.langue() == "en" else "fr"
    debut = seance.debut.astimezone(ZoneInfo(fuseau(seance)))
    jour, heure = jour_dit(debut, locale, "full"), format_time(debut, "short", locale=locale)
    return _("%(jour)s, %(heure)s", jour=jour, heure=heure)


def adresse(seance: Any, suite: str = "") -> str:
    """Return the address of a session's page, or of one below it."""
    return f"/commissions/seances/{seance.ref}{suite}"


def fil_de(seance: Any, *suite: tuple[str, str]) -> commun.Fil:
    """Return the breadcrumb of a session, and of what is done to it."""
    quand = show_datetime(seance.debut, fuseau(seance))
    return commun.fil_de(seance.commission, (quand, adresse(seance) if suite else ""), *suite)


def depasse(form: Formulaire, seance: Any) -> None:
    """Say in a form that the session changed meanwhile: it is shown anew, over the present version."""
    form.version.data = str(seance.version)
    form.form_errors = [_("Cette séance a changé pendant que vous la lisiez. Relisez-la, puis recommencez.")]


@bp.route("/<commission_ref>/seances/nouvelle", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def prevoir(commission_ref: str) -> Response:
    """Plan sessions: the days that the rhythm gives are shown, then kept."""
    actor, commission = commun.lire(commission_ref, Permission.COMMISSIONS_REUNIR)
    asked = request.method == "GET" and "jour" in request.args
    form = FormPlan.neuf(commission, request.args if asked else None)
    shown = form.validate() if asked else False
    if form.validate_on_submit():
        retenus = form.retenus
        if not retenus:
            form.form_errors = [_("Gardez au moins une date.")]
        else:
            try:
                made = service.prevoir(
                    db(),
                    clock(),
                    actor,
                    commission,
                    [form.saisie(jour) for jour in retenus],
                    key=form.cle_idempotence.data or "",
                )
            except (DomainError, DomainErrors) as error:
                form.refuse(error)
            else:
                said = ngettext(
                    "La séance est prévue. Personne n’est encore invité.",
                    "%(num)s séances sont prévues. Personne n’est encore invité.",
                    len(made),
                )
                flash(said, "succes")
                return see_other(adresse(made[0]) if len(made) == 1 else commun.adresse(commission))
    proposees = _proposees(commission, form) if shown or form.jour.data else []
    return render_view(
        "commissions/prevoir.html",
        status=422 if asked and not shown else status_of(form),
        fil=commun.fil_de(commission, (_("Prévoir des séances"), "")),
        commission=commission,
        rythme=commun.rythme(commission.rythme, commission.rythme_nombre),
        form=form,
        proposees=proposees,
        cle=FormPlan.neuf(commission).cle_idempotence.data if asked else form.cle_idempotence.data,
        here=url_for("commissions.prevoir", commission_ref=commission_ref),
        annuler=commun.adresse(commission),
    )


def _proposees(commission: Any, form: FormPlan) -> list[dict[str, Any]]:
    """Return the days proposed: what falls on each, and whether members sit elsewhere then."""
    if form.jour.data is None or form.heure.data is None or not form.duree_minutes.data:
        return []
    zone = ZoneInfo(fuseau(commission))
    heure, duree = form.heure.data, timedelta(minutes=form.duree_minutes.data)
    found = occurrences(
        form.jour.data,
        commission.rythme,
        commission.rythme_nombre,
        form.combien.data or 1,
        commission.departement_code,
    )
    first, last = found[0].jour, found[-1].jour + timedelta(days=1)
    autres = queries_seances.ailleurs(
        db(),
        commission.id,
        clock().today(str(zone)),
        datetime.combine(first, time(), zone),
        datetime.combine(last, time(), zone),
    )
    rows = []
    for one in found:
        debut = datetime.combine(one.jour, heure, zone)
        same = [row for row in autres if row.debut.astimezone(zone).date() == one.jour]
        limite = a_convoquer_avant(one.jour, commission.convocation_jours, commission.departement_code)
        rows.append(
            {
                "jour": one.jour,
                "ferie": one.ferie,
                "prevu": one.prevu if one.deplacee else None,
                "limite": limite,
                "en_meme_temps": [row for row in same if row.debut < debut + duree and row.fin > debut],
                "le_meme_jour": [row for row in same if not (row.debut < debut + duree and row.fin > debut)],
                "retenue": request.method == "GET" or one.jour in form.retenus,
            }
        )
    return rows


@bp.get("/seances/<seance_ref>")
@requires(Permission.COMMISSIONS_LIRE)
def seance(seance_ref: str) -> Response:
    """One session: when, where for those who come, who comes for those who convene."""
    actor, seance = lire(seance_ref)
    vise = queries.vise(seance.commission)
    suit = can(actor, Permission.COMMISSIONS_SUIVRE, vise)
    part = queries_seances.sienne(actor, seance)
    dedans = suit or part is not None or actor.organisation_id in vise.siegent
    finie = service.finie(db(), clock(), seance)
    return render_view(
        "commissions/seance.html",
        fil=fil_de(seance),
        seance=seance,
        titre=quand(seance),
        commission=seance.commission,
        fuseau=fuseau(seance),
        dedans=dedans,
        suit=suit,
        instruit=seance.commission.dossiers is not Dossiers.AUCUN
        and can(actor, Permission.DOSSIERS_INSTRUIRE, vise),
        recours=suites.recours_a_examiner(db(), clock(), actor, seance.id)
        if can(actor, Permission.DECISIONS_LIRE)
        else [],
        reunit=can(actor, Permission.COMMISSIONS_REUNIR, vise) and seance.statut is not StatutSeance.ANNULEE,
        finie=finie,
        commencee=service.commencee(db(), clock(), seance),
        part=part,
        repond=part is not None and invitations.peut_repondre(clock(), part.invitation),
        groupes=_groupes(seance) if suit else [],
        comptes=_comptes(seance),
        notees=presents.notees(seance),
        presents={one.value: sum(i.presence is one for i in seance.invitations) for one in Presence},
        quorum=presents.quorum(seance) if suit else None,
        fonctions=commun.libelles_fonctions(seance.departement_code),
        limite=a_convoquer_avant(
            seance.debut.astimezone(ZoneInfo(fuseau(seance))).date(),
            0 if seance.urgente else seance.commission.convocation_jours,
            seance.departement_code,
        ),
        aujourdhui=clock().today(fuseau(seance)),
        ferie=ferie(seance.debut.astimezone(ZoneInfo(fuseau(seance))).date(), seance.departement_code),
        releve=finie
        and bool(releves.version_lue(db(), clock(), actor, seance, releves.releve_de(db(), seance.id))),
        form=Formulaire(),
    )


def _groupes(seance: Any) -> list[tuple[str, list[Any]]]:
    """Return the invitations by college, those outside of them first."""
    groups: dict[str, list[Any]] = {}
    rows = sorted(
        seance.invitations,
        key=lambda one: (one.college.rang if one.college else 0, one.referent.organisation.tri, one.id),
    )
    for one in rows:
        groups.setdefault(one.college.nom if one.college else "", []).append(one)
    return list(groups.items())


def _comptes(seance: Any) -> dict[str, int]:
    counts = {one.value: 0 for one in Reponse}
    for one in seance.invitations:
        counts[one.statut.value] += 1
    return counts


@bp.route("/seances/<seance_ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def seance_modifier(seance_ref: str) -> Response:
    """Change a session: those already invited are told."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    form = FormSeance.de(seance, fuseau(seance))
    here, rival = adresse(seance, "/modifier"), None
    if form.validate_on_submit():
        try:
            written = service.modifier(
                db(), clock(), actor, seance, form.saisie(), version=form.version_number
            )
        except StaleVersion:
            db().expire_all()
            _actor, seance = lire(seance_ref)
            rival = conflict(seance, FormSeance.de(seance, fuseau(seance), formdata=None), form, here)
        except (DomainError, DomainErrors) as error:
            form.refuse(error)
        else:
            told = written and seance.statut is StatutSeance.CONVOQUEE
            flash(
                _("La séance est changée ; chaque personne invitée est prévenue.")
                if told
                else _("La séance est enregistrée."),
                "succes",
            )
            return see_other(adresse(seance))
    return render_view(
        "commissions/acte.html",
        "commissions/_seance_formulaire.html",
        status=409 if rival else status_of(form),
        fil=fil_de(seance, (_("Modifier"), "")),
        titre=_("Modifier la séance"),
        texte=_("Chaque personne invitée sera prévenue, et son agenda mis à jour.")
        if seance.statut is StatutSeance.CONVOQUEE
        else "",
        corps="commissions/_seance_formulaire.html",
        convoquee=seance.statut is StatutSeance.CONVOQUEE,
        form=form,
        rival=rival,
        action=here,
        annuler=adresse(seance),
    )


@bp.route("/seances/<seance_ref>/annuler", methods=["GET", "POST"])
@requires(Permission.COMMISSIONS_REUNIR)
def seance_annuler(seance_ref: str) -> Response:
    """Cancel a session."""
    actor, seance = lire(seance_ref, Permission.COMMISSIONS_REUNIR)
    form = FormMotif(data={"version": str(seance.version)})
    overtaken = False
    if form.validate_on_submit():
        try:
            motif = form.motif.data or ""
            service.annuler(db(), clock(), actor, seance, motif, version=form.version_number)
        except StaleVersion:
            db().expire_all()
            depasse(form, lire(seance_ref)[1])
            overtaken = True
        except (DomainError, DomainErrors) as error:
            db().rollback()
            _actor, seance = lire(seance_ref)
            form.refuse(error)
        else:
            flash(_("La séance est annulée."), "succes")
            return see_other(adresse(seance))
    convened = seance.statut is StatutSeance.CONVOQUEE
    return render_view(
        "commissions/acte.html",
        "commissions/_motif.html",
        status=409 if overtaken else status_of(form),
        fil=fil_de(seance, (_("Annuler la séance"), "")),
        titre=_("Annuler cette séance ?"),
        texte=" ".join(
            (
                _("Chaque personne invitée reçoit le motif, et la séance quitte son agenda.")
                if convened
                else _("Personne n’y est encore invité."),
                _("Ses dossiers passent à la prochaine séance qui a de la place, ou l’attendent."),
                _("Leurs prescripteurs et les invités ponctuels sont prévenus."),
            )
        ),
        corps="commissions/_motif.html",
        form=form,
        bouton=_("Annuler la séance"),
        ton="danger",
        motif=convened,
        action=adresse(seance, "/annuler"),
        annuler=adresse(seance),
    )


@bp.get("/seances/<seance_ref>/agenda.ics")
@requires(Permission.COMMISSIONS_LIRE)
def seance_ics(seance_ref: str) -> Response:
    """The session as a file for a calendar application, for those who come."""
    actor, seance = lire(seance_ref)
    vise = queries.vise(seance.commission)
    dedans = actor.organisation_id in vise.siegent or queries_seances.sienne(actor, seance) is not None
    if not (dedans or can(actor, Permission.COMMISSIONS_SUIVRE, vise)):
        raise Forbidden(Permission.COMMISSIONS_SUIVRE.value)
    if seance.convoquee_le is None:
        raise NotVisible(seance_ref)
    methode = Methode.CANCEL if seance.statut is StatutSeance.ANNULEE else Methode.PUBLISH
    content = ecrire(rendez_vous(seance, methode), clock().now(), settings().public_url)
    return attachment(content, "seance.ics", "text/calendar; charset=utf-8")
