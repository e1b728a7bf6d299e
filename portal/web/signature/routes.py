"""The routes of the signature, gathered on their blueprint."""

from portal.web.signature import actes, delegations, documents, pages  # noqa: F401  (each adds its routes)
from portal.web.signature.blueprint import bp

__all__ = ["bp"]
