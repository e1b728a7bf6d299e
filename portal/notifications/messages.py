"""Texts of e-mails: templates of `templates/emails`, rendered in the reader's language without Flask.

The first line of a rendered template is the subject, the rest the body. A room's template extends
`emails/message.txt` and fills its blocks `sujet` and `corps`; `"/equipe"|lien` writes the address of a page
of the portal, on a line of its own; `raison|traduit` translates a sentence of the portal and leaves one that
someone typed as it is, where `_(raison)` would read a « % » in it. The mechanics never write to anyone's
household: a message says that something waits in the portal, and where.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import InternationalizationExtension

from portal.shared.clock import PARIS
from portal.shared.jours_dits import instant_dit, jour_dit
from portal.shared.translations import catalogue

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
SUBJECT_LENGTH = 200

_PORTAL = "\ue000"  # stands for the portal's address: a private character, that nobody types

_BLANK_LINES = re.compile(r"\n{3,}")


def render(template: str, langue: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return (subject, body) of `templates/emails/<template>.txt`, in plain text.

    A variable that the context lacks raises UndefinedError: a message is never sent with a hole in it.
    """
    text = _environment(langue).get_template(f"emails/{template}.txt").render(context)
    subject, _, body = text.strip().partition("\n")
    return one_line(subject), _BLANK_LINES.sub("\n\n", body).strip() + "\n"


def one_line(text: str) -> str:
    """Return a text fit for a subject: one line, bounded."""
    return " ".join(text.split())[:SUBJECT_LENGTH]


@lru_cache(maxsize=4)
def _environment(langue: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=[InternationalizationExtension],
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  (plain text)
        trim_blocks=True,
        lstrip_blocks=True,
    )
    installer = cast(Any, environment)  # the extension adds its methods when it is loaded
    installer.install_gettext_translations(catalogue(langue), newstyle=True)
    locale = "en_GB" if langue == "en" else langue  # days before months, as in French
    environment.filters["date"] = partial(_date, locale=locale)
    environment.filters["datetime"] = partial(_datetime, locale=locale)
    environment.filters["lien"] = _lien
    environment.filters["traduit"] = catalogue(langue).gettext  # someone's words may hold a « % »
    return environment


def _date(value: date, locale: str) -> str:
    """Format a date: 31 décembre 2026."""
    return jour_dit(value, locale)


def _datetime(value: datetime, zone: str = PARIS, *, locale: str) -> str:
    """Format an instant in an IANA zone: 2 mars 2026, 10:00."""
    return instant_dit(value, zone, locale=locale)


def _lien(path: str) -> str:
    """Mark a path of the portal; its address is written when the message leaves (`with_links`)."""
    return f"{_PORTAL}{path}"


def with_links(body: str, public_url: str) -> str:
    """Return a stored body with the addresses of the portal in full."""
    return body.replace(_PORTAL, public_url.rstrip("/"))
