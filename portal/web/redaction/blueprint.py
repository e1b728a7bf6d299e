"""The blueprint of the text of a convention; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("redaction", __name__, url_prefix="/conventions/<convention_ref>/texte")
