"""The portal and, beside it on the same server, `b`: a bare Flask + Jinja page with as many bytes.

`b` is a table of 50 rows, each cell an escaped value of some twelve characters, with as many columns as it
takes to weigh what the portal's page weighs. No session, no database, no translation, no layout.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from jinja2 import Template
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal import create_app
from portal.annuaire import recherche
from portal.config import Settings
from portal.serve import serve_web

ROWS = 50
PAGE = """<!doctype html>
<html lang="fr"><head><title>Nu</title></head><body><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></body></html>
"""


def bare() -> Flask:
    """Return the bare application: `/<size>` answers about `size` bytes."""
    app = Flask("nu")

    @lru_cache(maxsize=4)
    def content(size: int) -> tuple[Template, list[list[str]]]:
        template = app.jinja_env.from_string(PAGE)
        cell = len("<td>valeur 00000</td>")
        columns = max(1, (size - len(PAGE)) // (ROWS * cell))
        return template, [[f"valeur {r * columns + c:05d}" for c in range(columns)] for r in range(ROWS)]

    @app.get("/<int:size>")
    def page(size: int) -> str:
        template, rows = content(size)
        return template.render(rows=rows)

    return app


def by_key(search: Callable[..., tuple[list[int], bool]]) -> Callable[..., tuple[list[int], bool]]:
    """Return the search of the directory, which finds by their keys what is asked as « cle <first> <count> ».

    It is the page that the others are compared to: the same entries shown, found by primary key.
    """

    def find(session: Any, actor: Any, filtre: Any, *rest: Any) -> tuple[list[int], bool]:
        word, *numbers = filtre.texte.split()
        if word != "cle":
            return search(session, actor, filtre, *rest)
        first, count = map(int, numbers)
        return list(range(first, first + count)), True

    return find


def make() -> Any:
    """Return the WSGI application of the bench."""
    portal = create_app()
    recherche.trouver = by_key(recherche.trouver)
    portal.wsgi_app = DispatcherMiddleware(portal.wsgi_app, {"/nu": bare()})  # type: ignore[method-assign]
    return portal


if __name__ == "__main__":
    serve_web(Settings(), int(sys.argv[1]), make())
