"""The commissions: convening functions of the directory, and deciding together (domaine.md § 7)."""

import portal.commissions.donnees
import portal.commissions.dossiers
import portal.commissions.effacement
import portal.commissions.menage
import portal.commissions.messages
import portal.commissions.parametres
import portal.commissions.policies
import portal.commissions.presentations
import portal.commissions.suites
import portal.commissions.suites_seance  # noqa: F401  (each registers what it holds)
