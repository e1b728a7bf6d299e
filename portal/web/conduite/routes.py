"""The routes of a session while it is held, module by module."""

from portal.web.conduite import consultation, decisions, ecrans, gestes, pages
from portal.web.conduite.blueprint import bp

__all__ = ["bp", "consultation", "decisions", "ecrans", "gestes", "pages"]
