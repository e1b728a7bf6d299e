"""The blueprint of the sessions while they are held; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("conduite", __name__, url_prefix="/seances")
