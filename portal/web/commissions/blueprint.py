"""The blueprint of the commissions; each module of this package adds its routes to it."""

from flask import Blueprint

bp = Blueprint("commissions", __name__, url_prefix="/commissions")
