"""The conventions room: importing its modules is what gives the blueprint its routes."""

from portal.web.conventions import contenu, creation, existante, importer, liste, lot, pages, vie
from portal.web.conventions.blueprint import bp

__all__ = ["bp", "contenu", "creation", "existante", "importer", "liste", "lot", "pages", "vie"]
