"""Health: is the process alive, can it reach its database and its files?"""

import os

from flask import Blueprint, Response, jsonify, make_response

from portal.web.context import database, settings
from portal.web.guards import public

bp = Blueprint("sante", __name__)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """Answer that the process lives."""
    return jsonify(etat="ok")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """Answer 200 when the database answers and the files' folder can be written, else 503."""
    checks = {"base": database().answers(), "fichiers": _files_writable()}
    ready = all(checks.values())
    return make_response(jsonify(etat="ok" if ready else "indisponible", **checks), 200 if ready else 503)


def _files_writable() -> bool:
    folder = settings().files_path
    return folder.is_dir() and os.access(folder, os.W_OK)
