"""Every room's policies, imported in one place: what none of them allows is denied."""

import portal.annuaire.policies
import portal.commissions.policies
import portal.comptes.policies
import portal.conventions.policies
import portal.grilles.policies
import portal.jobs.policies
import portal.organisations.parametres
import portal.organisations.policies  # noqa: F401  (imported for what they register)
