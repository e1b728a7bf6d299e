"""The routes of the filled grids, gathered."""

from portal.web.remplissage import remplir, versions
from portal.web.remplissage.blueprint import bp

__all__ = ["bp", "remplir", "versions"]
