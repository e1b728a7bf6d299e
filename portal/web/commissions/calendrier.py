"""The calendar of sessions: by month or as a list, of a département or one's own."""

from calendar import Calendar
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from flask import Response
from flask_babel import ngettext

from portal.commissions import queries_seances
from portal.commissions.feries import ferie
from portal.organisations.natures import fuseaux
from portal.security.permissions import Permission
from portal.shared.clock import PARIS
from portal.shared.dates import plus_mois
from portal.web.commissions import commun
from portal.web.commissions.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.guards import requires
from portal.web.organisations import nomenclatures
from portal.web.organisations.filtres import flag, text
from portal.web.render import render_view, url_avec

LISTE_JOURS, LISTE_PASSES = 365, 60


@bp.get("/seances")
@requires(Permission.COMMISSIONS_LIRE)
def seances() -> Response:
    """The sessions that the reader may see."""
    actor = current_actor()
    jour = clock().today(actor.fuseau)
    asked = text("departement", 3)
    departement = asked if asked in actor.departements else ""
    par_mois = text("vue") != "liste"
    premier = _mois(text("mois", 7), jour)
    du, au = _bornes(premier) if par_mois else (jour - timedelta(LISTE_PASSES), jour + timedelta(LISTE_JOURS))
    zone = ZoneInfo(fuseaux().get(departement or actor.departement_code, PARIS))
    lignes = queries_seances.lister(
        db(),
        actor,
        jour,
        datetime.combine(du, time(), zone),
        datetime.combine(au, time(), zone),
        departement_code=departement,
        miennes=flag("miennes"),
    )
    return render_view(
        "commissions/seances.html",
        "commissions/_seances.html",
        par_mois=par_mois,
        semaines=_semaines(premier, lignes, departement or actor.departement_code, jour) if par_mois else [],
        jours_semaine=get_day_names("abbreviated", locale=commun.langue()),
        mois=format_date(premier, "LLLL yyyy", locale=commun.langue()),
        avant=url_avec(mois=plus_mois(premier, -1).isoformat()[:7]),
        apres=url_avec(mois=plus_mois(premier, 1).isoformat()[:7]),
        a_venir=[one for one in lignes if one.fin >= clock().now()],
        passees=[one for one in reversed(lignes) if one.fin < clock().now()],
        annonce=ngettext("%(num)s séance.", "%(num)s séances.", len(lignes)),
        fuseaux=fuseaux(),
        departement=departement,
        departements=nomenclatures.departement_choices(actor.departements),
        miennes=flag("miennes"),
        aujourdhui=jour,
        feries={} if par_mois else _feries(lignes),
        vide=not any(_du_mois(one, premier) for one in lignes) if par_mois else not lignes,
    )


def _du_mois(ligne: Any, premier: date) -> bool:
    """Tell whether a session is held in a month, where it is held."""
    jour = ligne.debut.astimezone(ZoneInfo(fuseaux().get(ligne.departement_code, PARIS))).date()
    return bool((jour.year, jour.month) == (premier.year, premier.month))


def _mois(asked: str, jour: date) -> date:
    """Return the first day of the month asked for, of this month when it is none."""
    try:
        found = date.fromisoformat(f"{asked}-01")
    except ValueError:
        found = jour
    return found.replace(day=1) if 2000 <= found.year <= 2100 else jour.replace(day=1)


def _bornes(premier: date) -> tuple[date, date]:
    """Return the first day of the weeks of a month, and the day after the last."""
    days = list(Calendar().itermonthdates(premier.year, premier.month))
    return days[0], days[-1] + timedelta(days=1)


def _feries(lignes: Any) -> dict[str, str]:
    """Return the holiday on which each session falls, where it is held: of those that do."""
    found = {
        one.ref: ferie(
            one.debut.astimezone(ZoneInfo(fuseaux().get(one.departement_code, PARIS))).date(),
            one.departement_code,
        )
        for one in lignes
    }
    return {ref: nom for ref, nom in found.items() if nom}


def _semaines(premier: date, lignes: Any, departement_code: str, jour: date) -> list[list[dict[str, Any]]]:
    """Return the weeks of a month: each day with its holiday and its sessions."""
    by_day: dict[date, list[Any]] = {}
    for one in lignes:
        zone = ZoneInfo(fuseaux().get(one.departement_code, PARIS))
        by_day.setdefault(one.debut.astimezone(zone).date(), []).append(one)
    return [
        [
            {
                "jour": day,
                "ferie": ferie(day, departement_code),
                "dehors": day.month != premier.month,
                "aujourdhui": day == jour,
                "seances": by_day.get(day, []),
            }
            for day in week
        ]
        for week in Calendar().monthdatescalendar(premier.year, premier.month)
    ]
