"""The shared grid of access to housing (domaine.md § 6)."""

import portal.grilles.autorisations
import portal.grilles.fin_de_vie
import portal.grilles.menages
import portal.grilles.messages
import portal.grilles.remplissage
import portal.grilles.transmissions  # noqa: F401  (each registers what it holds)
