"""The blueprints of what follows a session; each module of this package adds its routes to one."""

from flask import Blueprint

bp = Blueprint("suites", __name__)
releves = Blueprint("releves", __name__)  # the minutes: under the commissions in the navigation
