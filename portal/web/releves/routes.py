"""The routes of what follows a session, module by module."""

from portal.web.releves import decisions, indicateurs, prescriptions, recours, releve
from portal.web.releves.blueprint import bp, releves

BLUEPRINTS = (bp, releves)

__all__ = ["BLUEPRINTS", "decisions", "indicateurs", "prescriptions", "recours", "releve"]
