"""The routes of the bilans, gathered."""

from portal.web.bilans import ligne, recueil
from portal.web.bilans.blueprint import bp

__all__ = ["bp", "ligne", "recueil"]
