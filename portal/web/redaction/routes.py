"""The text of a convention: importing its modules is what gives the blueprint its routes."""

from portal.web.redaction import clauses, pages, reglages
from portal.web.redaction.blueprint import bp

__all__ = ["bp", "clauses", "pages", "reglages"]
