"""The blueprint of the bilans."""

from flask import Blueprint

bp = Blueprint("bilans", __name__)
