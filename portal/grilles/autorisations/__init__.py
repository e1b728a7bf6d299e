"""The household's authorisation: presentation to a commission, transmission to a recipient (§ 6.5)."""

import portal.grilles.autorisations.fermeture
import portal.grilles.autorisations.messages
import portal.grilles.autorisations.panneau
import portal.grilles.autorisations.parametres
import portal.grilles.autorisations.policies  # noqa: F401  (each registers what it holds)
