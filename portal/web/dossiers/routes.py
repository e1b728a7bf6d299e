"""The routes of the dossiers, each module adding its own to the blueprints."""

import portal.web.dossiers.deports
import portal.web.dossiers.depot
import portal.web.dossiers.dossier
import portal.web.dossiers.invites
import portal.web.dossiers.liste
import portal.web.dossiers.ordre
import portal.web.dossiers.visite  # noqa: F401  (each adds its routes)
from portal.web.dossiers.blueprint import BLUEPRINTS

__all__ = ["BLUEPRINTS"]
