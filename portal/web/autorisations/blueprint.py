"""The blueprint of the authorisations, to which each module adds its routes."""

from flask import Blueprint

bp = Blueprint("autorisations", __name__, url_prefix="/menages/<menage_ref>/autorisations")
