"""The room's blueprint; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("conventions", __name__, url_prefix="/conventions")
