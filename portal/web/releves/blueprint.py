"""The blueprint of what follows a session; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("suites", __name__)
