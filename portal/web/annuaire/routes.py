"""The directory's routes, module by module."""

from portal.web.annuaire import (
    echanges_export,
    echanges_import,
    echanges_livret,
    edition,
    fiche,
    fraicheur,
    moderation,
    personnel,
    recherche,
    signalements,
    titulaires,
)
from portal.web.annuaire.blueprint import bp

__all__ = [
    "bp",
    "echanges_export",
    "echanges_import",
    "echanges_livret",
    "edition",
    "fiche",
    "fraicheur",
    "moderation",
    "personnel",
    "recherche",
    "signalements",
    "titulaires",
]
