"""The blueprint of the households; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("menages", __name__, url_prefix="/menages")
