"""Filling the grid with the household, section by section, and the versions that come of it."""

import portal.grilles.remplissage.messages
import portal.grilles.remplissage.panneau
import portal.grilles.remplissage.parametres
import portal.grilles.remplissage.policies
import portal.grilles.remplissage.renouvellement  # noqa: F401  (each registers what it holds)
