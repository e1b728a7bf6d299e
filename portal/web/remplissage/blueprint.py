"""The blueprint of the filled grids."""

from flask import Blueprint

bp = Blueprint("remplissage", __name__)
