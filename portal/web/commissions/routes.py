"""The routes of the commissions, module by module."""

from portal.web.commissions import calendrier, composition, configuration, fiche, invitations, seances, textes
from portal.web.commissions.blueprint import bp

__all__ = [
    "bp",
    "calendrier",
    "composition",
    "configuration",
    "fiche",
    "invitations",
    "seances",
    "textes",
]
