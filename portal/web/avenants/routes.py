"""The routes of the avenants, gathered."""

from portal.web.avenants import actes, circuit, clauses, consolidee, pages
from portal.web.avenants.blueprint import bp

__all__ = ["actes", "bp", "circuit", "clauses", "consolidee", "pages"]
