"""The routes of the rounds, gathered."""

from portal.web.tours import actes, gestion, pages
from portal.web.tours.blueprint import bp

__all__ = ["actes", "bp", "gestion", "pages"]
