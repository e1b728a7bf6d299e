"""The blueprint of the avenants, under the line that they change."""

from flask import Blueprint

bp = Blueprint("avenants", __name__, url_prefix="/conventions/<convention_ref>/avenants")
