"""The portal and, beside it on the same server, a bare Flask + Jinja page with as many bytes."""

import os
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal import create_app

ROW = (
    '<tr><th scope="row"><a href="/nu/{{ r.ref }}">{{ r.nom }}</a></th><td>{{ r.siao }}</td>'
    "<td>{{ r.natures }}</td><td>{{ r.cible }}</td><td>{{ r.etat }}</td><td>{{ r.fin }}</td></tr>\n"
)
PAGE = (
    '<!doctype html><html lang="fr"><head><title>Nu</title></head><body><main><table>'
    "{% for r in rows %}" + ROW + "{% endfor %}</table>{{ reste }}</main></body></html>"
)


def bare() -> Flask:
    """Return a bare application; `/<n>` answers 50 rows and filling, n bytes in all."""
    app = Flask("nu")
    rows = [
        {
            "ref": f"ref{i}",
            "nom": f"Association <Fictive> {i}",
            "siao": "SIAO 22",
            "natures": "CHU, RS",
            "cible": "31/12/2026",
            "etat": "En négociation",
            "fin": "12/12/2026",
        }
        for i in range(50)
    ]

    @app.get("/<int:size>")
    def page(size: int) -> str:
        empty = len(render_template_string(PAGE, rows=rows, reste="").encode())
        return render_template_string(PAGE, rows=rows, reste="x" * max(0, size - empty))

    @app.get("/page/<int:filling>")
    def filled(filling: int) -> str:
        return render_template_string(PAGE, rows=rows, reste="x" * filling)

    return app


def make() -> Any:
    """Return the WSGI application of the bench."""
    portal = create_app()
    portal.wsgi_app = DispatcherMiddleware(portal.wsgi_app, {"/nu": bare()})  # type: ignore[method-assign]
    Path(os.environ["PORTAL_VAR_DIR"]).mkdir(exist_ok=True)
    return portal
