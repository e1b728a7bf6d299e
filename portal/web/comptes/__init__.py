"""Signing in, one's own account, the team, all the accounts."""

from portal.web.comptes import (
    administration,
    compte,
    equipe,
    facteur,
    liens,
    passation,  # noqa: F401  (it adds its routes to the team's)
    routes,
)

BLUEPRINTS = (routes.bp, liens.bp, compte.bp, facteur.bp, equipe.bp, administration.bp)
