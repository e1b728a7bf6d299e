"""The blueprint of the rounds; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("tours", __name__, url_prefix="/tours")
