"""The routes of the transmissions, module by module."""

from portal.web.transmissions import envoi, reception, reponse
from portal.web.transmissions.blueprint import BLUEPRINTS

__all__ = ["BLUEPRINTS", "envoi", "reception", "reponse"]
