"""The blueprint of the signature of a text."""

from flask import Blueprint

bp = Blueprint("signature", __name__)
