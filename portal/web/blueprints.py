"""The blueprints of the portal, one per room."""

from flask import Flask

from portal.web.accueil.routes import bp as accueil
from portal.web.comptes import BLUEPRINTS as COMPTES
from portal.web.conventions.routes import bp as conventions
from portal.web.organisations.fusion import bp as organisations
from portal.web.organisations.import_finess import bp as import_finess
from portal.web.organisations.structures import bp as structures
from portal.web.pages.routes import bp as pages
from portal.web.parametres.routes import bp as parametres
from portal.web.progression.routes import bp as progression
from portal.web.sante.routes import bp as sante
from portal.web.supervision.routes import bp as supervision
from portal.web.travaux.routes import bp as travaux

BLUEPRINTS = (
    sante,
    pages,
    accueil,
    *COMPTES,
    conventions,
    progression,
    organisations,
    import_finess,
    structures,
    travaux,
    parametres,
    supervision,
)


def register(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
