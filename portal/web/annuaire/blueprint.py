"""The blueprint of the directory; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("annuaire", __name__, url_prefix="/annuaire")
