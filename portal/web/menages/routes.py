"""The routes of the households, module by module."""

from portal.web.menages import acces, edition, fiche, liste, ouverture, relais
from portal.web.menages.blueprint import bp

__all__ = ["acces", "bp", "edition", "fiche", "liste", "ouverture", "relais"]
