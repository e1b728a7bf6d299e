"""The blueprints of the transmissions: who sends (below a household), who receives."""

from flask import Blueprint

envois = Blueprint("transmissions", __name__, url_prefix="/menages/<menage_ref>")
recues = Blueprint("grilles_recues", __name__, url_prefix="/grilles-recues")
BLUEPRINTS = (envois, recues)
