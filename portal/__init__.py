"""The portal of the SIAO's partners."""

from portal import cli
from portal.config import Settings
from portal.shared.clock import Clock
from portal.shared.db import Database
from portal.web.application import Portail, build


def create_app(
    settings: Settings | None = None, *, database: Database | None = None, clock: Clock | None = None
) -> Portail:
    """Return the WSGI application; settings come from the environment unless given."""
    app = build(settings or Settings(), database=database, clock=clock)
    cli.register(app)
    return app
