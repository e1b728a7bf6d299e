"""Public pages: legal notices, personal data, accessibility, cookies, news, help."""

import re
from functools import lru_cache

import mistune
from flask import Blueprint, Response
from markupsafe import Markup

from portal.config import ROOT
from portal.web.guards import public
from portal.web.render import render_view

bp = Blueprint("pages", __name__)


@bp.get("/mentions-legales")
@public
def mentions_legales() -> Response:
    """Legal notices."""
    return render_view("pages/mentions_legales.html")


@bp.get("/donnees-personnelles")
@public
def donnees_personnelles() -> Response:
    """What is kept about people, why, for how long, and their rights."""
    return render_view("pages/donnees_personnelles.html")


@bp.get("/accessibilite")
@public
def accessibilite() -> Response:
    """Accessibility statement."""
    return render_view("pages/accessibilite.html")


@bp.get("/cookies")
@public
def cookies() -> Response:
    """The strictly necessary cookies."""
    return render_view("pages/cookies.html")


@bp.get("/nouveautes")
@public
def nouveautes() -> Response:
    """What changed for users: CHANGELOG.md."""
    return render_view("pages/nouveautes.html", contenu=_document("CHANGELOG.md"))


@bp.get("/aide")
@public
def aide() -> Response:
    """The user's guide: docs/guide-utilisateur.md."""
    return render_view("pages/aide.html", contenu=_document("docs/guide-utilisateur.md"))


@lru_cache(maxsize=4)
def _document(path: str) -> Markup:
    """Return one of our own Markdown documents as HTML, without its title; headings carry anchors."""
    text = (ROOT / path).read_text(encoding="utf-8")
    text = re.sub(r"\A# .*\n", "", text)
    html = str(mistune.html(text))
    html = re.sub(r"<h([2-4])>(.*?)</h\1>", _with_anchor, html)
    return Markup(html)  # noqa: S704  (documents of the repository, not people's words)


def _with_anchor(match: re.Match[str]) -> str:
    level, title = match.groups()
    anchor = re.sub(r"\W+", "-", re.sub(r"<.*?>", "", title).lower()).strip("-")
    return f'<h{level} id="{anchor}">{title}</h{level}>'
