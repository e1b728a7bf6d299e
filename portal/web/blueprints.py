"""The blueprints of the portal, one per room."""

from flask import Flask

from portal.web.pages.routes import bp as pages
from portal.web.sante.routes import bp as sante

BLUEPRINTS = (sante, pages)


def register(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
