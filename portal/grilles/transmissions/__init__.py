"""Transmissions of a household's grid to one recipient, and what it answers (domaine.md § 6.6)."""

import portal.grilles.transmissions.fermetures
import portal.grilles.transmissions.fiche
import portal.grilles.transmissions.messages
import portal.grilles.transmissions.parametres
import portal.grilles.transmissions.policies
import portal.grilles.transmissions.relances  # noqa: F401  (each registers what it holds)
