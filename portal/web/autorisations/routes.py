"""The routes of the authorisations, module by module."""

from portal.web.autorisations import pages, recus, repondre, signer
from portal.web.autorisations.blueprint import bp

__all__ = ["bp", "pages", "recus", "repondre", "signer"]
