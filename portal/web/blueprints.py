"""The blueprints of the portal, one per room."""

from flask import Flask

from portal.web.organisations.fusion import bp as organisations
from portal.web.organisations.structures import bp as structures
from portal.web.pages.routes import bp as pages
from portal.web.sante.routes import bp as sante

BLUEPRINTS = (sante, pages, organisations, structures)


def register(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
