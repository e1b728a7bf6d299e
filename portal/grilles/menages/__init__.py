"""Households: the least that a grid needs to know of them, read by those who accompany them."""

import portal.grilles.menages.fusion
import portal.grilles.menages.messages
import portal.grilles.menages.parametres
import portal.grilles.menages.passation
import portal.grilles.menages.policies
import portal.grilles.menages.suivi  # noqa: F401  (each registers what it holds)
