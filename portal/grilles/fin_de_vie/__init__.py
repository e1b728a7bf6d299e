"""Retention, erasure, and the household's requests about its own data."""

import portal.grilles.fin_de_vie.menage
import portal.grilles.fin_de_vie.messages
import portal.grilles.fin_de_vie.panneau
import portal.grilles.fin_de_vie.parametres
import portal.grilles.fin_de_vie.policies
import portal.grilles.fin_de_vie.protection
import portal.grilles.fin_de_vie.travaux  # noqa: F401  (each registers what it holds)
