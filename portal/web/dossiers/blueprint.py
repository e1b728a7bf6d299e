"""The blueprints of the dossiers: those who have an account, and the guests who have none."""

from flask import Blueprint

bp = Blueprint("dossiers", __name__, url_prefix="/dossiers")
invitations = Blueprint("invitations", __name__, url_prefix="/dossiers/invitation/<jeton>")
BLUEPRINTS = (bp, invitations)
