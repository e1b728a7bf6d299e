"""The routes of the import of a Word model, gathered."""

from portal.web.modeles_import import clauses, pages
from portal.web.modeles_import.commun import bp

__all__ = ["bp", "clauses", "pages"]
