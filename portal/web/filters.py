"""Template filters and globals: dates, numbers and labels in the reader's language."""

import hashlib
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask, g, get_flashed_messages
from flask_babel import get_locale, get_timezone
from markupsafe import Markup

from portal.config import ROOT
from portal.security.permissions import Permission
from portal.security.policy import can
from portal.shared.jours_dits import jour_dit
from portal.web.context import actor_or_none, settings
from portal.web.pieces import Lecteur
from portal.web.render import url_avec
from portal.web.traduction import gettext, label, ngettext


def init(app: Flask) -> None:
    """Register the filters and globals."""
    app.jinja_env.filters.update(
        date=show_date, datetime=show_datetime, nombre=show_number, pourcent=show_percent, libelle=label
    )
    app.jinja_env.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        adhesion_ref=membership_ref,
        asset=asset,
        can=template_can,
        get_flashed=lambda: get_flashed_messages(with_categories=True),
        get_locale=get_locale,
        url_avec=url_avec,
    )
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    actor = actor_or_none()
    left = g.get("session_left")
    return {
        "actor": actor,
        "lecteur": Lecteur.de(actor),
        "lang": str(get_locale()),
        "settings": settings(),
        "horloge": {"inactivite": left.idle, "absolue": left.absolute} if actor and left else None,
    }


def membership_ref() -> str:
    """Return the active membership, which every form carries back; empty when nobody is signed in."""
    actor = actor_or_none()
    return actor.adhesion_ref if actor else ""


def show_date(value: date | None, style: str = "short") -> str:
    """Format a date: 31/12/2026 (`short`), 31 déc. 2026 (`medium`), 31 décembre 2026 (`long`)."""
    if value is None:
        return ""
    if style == "short":
        return value.strftime("%d/%m/%Y")
    return jour_dit(value, _date_locale(), style)


def _date_locale() -> str:
    """Write English dates day first: the portal's short dates are 31/12/2026 in both languages."""
    return "en_GB" if str(get_locale()) == "en" else str(get_locale())


def show_datetime(value: datetime | None, zone: str | None = None) -> str:
    """Format an instant in the given IANA zone, else in the reader's département's."""
    if value is None:
        return ""
    return str(
        format_datetime(
            value, "short", tzinfo=ZoneInfo(zone) if zone else get_timezone(), locale=_date_locale()
        )
    )


def show_number(value: float | None) -> str:
    """Format a number with the language's separators; None reads « – »."""
    if value is None:
        return "–"
    if isinstance(value, int):  # much faster than Babel, for the same text
        return f"{value:,}".replace(",", "\u202f") if str(get_locale()) == "fr" else f"{value:,}"
    return str(format_decimal(value, locale=get_locale()))


def show_percent(value: float | None) -> str:
    """Format a ratio as a percentage; a ratio without denominator reads « sans objet »."""
    if value is None:
        return str(gettext("sans objet"))
    return str(
        format_percent(value, format="#,##0 %" if str(get_locale()) == "fr" else None, locale=get_locale())
    )


def template_can(name: str, obj: Any = None) -> bool:
    """Tell templates whether the actor may do `name` (a permission's value), to `obj`."""
    return can(actor_or_none(), Permission(name), obj)


@lru_cache(maxsize=64)
def asset(path: str) -> Markup:
    """Return the URL of a static file, with a part of its hash so that it can be cached for a year."""
    digest = hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:10]
    return Markup(f"/static/{path}?v={digest}")  # noqa: S704  (our own paths)
