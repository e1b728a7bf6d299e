"""Public pages: legal notices, personal data, accessibility, cookies, news, help."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import mistune
from flask import Blueprint, Response
from markupsafe import Markup

from portal.config import ROOT
from portal.web.context import settings
from portal.web.guards import public
from portal.web.render import render_view

bp = Blueprint("pages", __name__)


@bp.get("/mentions-legales")
@public
def mentions_legales() -> Response:
    """Legal notices."""
    return render_view("pages/mentions_legales.html", editeur=settings().editeur)


@bp.get("/donnees-personnelles")
@public
def donnees_personnelles() -> Response:
    """What is kept about people, why, for how long, and their rights."""
    return render_view("pages/donnees_personnelles.html", editeur=settings().editeur)


@bp.get("/accessibilite")
@public
def accessibilite() -> Response:
    """Accessibility statement."""
    return render_view("pages/accessibilite.html", editeur=settings().editeur)


@bp.get("/cookies")
@public
def cookies() -> Response:
    """The strictly necessary cookies."""
    return render_view("pages/cookies.html")


@bp.get("/nouveautes")
@public
def nouveautes() -> Response:
    """What changed for users: CHANGELOG.md."""
    return render_view("pages/nouveautes.html", entrees=_changelog())


@bp.get("/aide")
@public
def aide() -> Response:
    """The user's guide: docs/guide-utilisateur.md."""
    contenu, sommaire = _guide()
    return render_view("pages/aide.html", contenu=contenu, sommaire=sommaire)


@dataclass(frozen=True)
class Version:
    """A version of the changelog."""

    version: str
    date: date | None
    rubriques: list[tuple[str, list[str]]]


@lru_cache(maxsize=1)
def _changelog() -> list[Version]:
    """Read `## 1.0 (2026-12-01)`, `### Rubrique` and `- texte` lines of CHANGELOG.md."""
    versions: list[Version] = []
    for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines():
        if title := re.match(r"## (.+?)(?: \((\d{4}-\d\d-\d\d)\))?$", line):
            day = date.fromisoformat(title[2]) if title[2] else None
            versions.append(Version(title[1], day, []))
        elif line.startswith("### "):
            versions[-1].rubriques.append((line[4:], []))
        elif line.startswith("- "):
            if not versions[-1].rubriques:
                versions[-1].rubriques.append(("", []))
            versions[-1].rubriques[-1][1].append(line[2:])
        elif line.startswith("  ") and versions:
            versions[-1].rubriques[-1][1][-1] += " " + line.strip()
    return versions


@lru_cache(maxsize=1)
def _guide() -> tuple[Markup, list[tuple[str, str]]]:
    """Return the guide as HTML, without its title, and its table of contents (title, anchor)."""
    text = (ROOT / "docs" / "guide-utilisateur.md").read_text(encoding="utf-8")
    html = str(mistune.html(re.sub(r"\A# .*\n", "", text)))
    contents: list[tuple[str, str]] = []

    def with_anchor(match: re.Match[str]) -> str:
        level, title = match.groups()
        anchor = re.sub(r"\W+", "-", re.sub(r"<.*?>", "", title).lower()).strip("-")
        if level == "2":
            contents.append((title, anchor))
        return f'<h{level} id="{anchor}">{title}</h{level}>'

    html = re.sub(r"<h([2-4])>(.*?)</h\1>", with_anchor, html)
    html = re.sub(r"<table>.*?</table>", _as_cards, html, flags=re.DOTALL)
    return Markup(html), contents  # noqa: S704  (a document of the repository, not people's words)


def _as_cards(match: re.Match[str]) -> str:
    """Return a table of the guide dressed as those of the portal: on a phone, one card a row."""
    headers = re.findall(r"<th[^>]*>(.*?)</th>", match[0])
    rows = []
    for row in re.findall(r"<tr>(.*?)</tr>", match[0], re.DOTALL)[1:]:
        first, *others = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        cells = (
            f'<td data-label="{label}">{cell}</td>' for label, cell in zip(headers[1:], others, strict=True)
        )
        rows.append(f'<tr><th scope="row">{first}</th>{"".join(cells)}</tr>')
    head = "".join(f'<th scope="col">{header}</th>' for header in headers)
    return (
        '<div class="tableau-cadre tableau-cartes"><table class="tableau">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
