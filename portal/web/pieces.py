"""Parts of a page rendered once for all the readers to whom they say the same.

A piece is a template that reads nothing but the variables it is given: with the language, they are the key
under which its text is kept, so that it never reaches anyone for whom it would have been rendered otherwise
(a test reads the templates for it). What is new at each request is a hole, `trou(name)`, filled each time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, current_app
from flask_babel import get_locale
from markupsafe import Markup, escape

from portal.security.permissions import Profil
from portal.security.policy import Actor, AdhesionActive
from portal.shared.memory import Memory

HOLE = re.compile("\0([a-z_]+)\0")

_pieces: Memory[list[str]] = Memory(300)  # of a few kB each: texts, and at odd places names of holes


@dataclass(frozen=True)
class Lecteur:
    """What the layout shows of the person who is signed in."""

    nom: str
    profil: Profil
    departement_code: str
    adhesion_ref: str
    adhesions: tuple[AdhesionActive, ...]

    @classmethod
    def de(cls, actor: Actor | None) -> "Lecteur | None":
        """Return what is shown of an actor, None when nobody is signed in."""
        if actor is None:
            return None
        return cls(actor.nom, actor.profil, actor.departement_code, actor.adhesion_ref, actor.adhesions)


def init(app: Flask) -> None:
    """Give templates their pieces."""
    app.jinja_env.globals.update(piece=piece)


def piece(template: str, trous: Mapping[str, str] | None = None, **variables: Any) -> Markup:
    """Return the text of a piece, its holes filled; the variables must be immutable."""
    lang = str(get_locale())
    parts = _pieces.get(
        (template, lang, *variables.items()), partial(_render, template, {**variables, "lang": lang})
    )
    if len(parts) > 1:
        filled = parts.copy()
        filled[1::2] = [escape((trous or {})[name]) for name in parts[1::2]]
        return Markup("".join(filled))  # noqa: S704  (escaped by the template, or just above)
    return Markup(parts[0])  # noqa: S704  (escaped by the template)


def _render(template: str, variables: dict[str, Any]) -> list[str]:
    html = current_app.jinja_env.get_template(template).render(trou=_hole, **variables)
    return HOLE.split(html)


def _hole(name: str) -> str:
    return f"\0{name}\0"
