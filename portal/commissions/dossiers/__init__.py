"""The dossiers of the commissions: deposited, checked, put on the agenda, read (domaine.md § 7.4)."""

import portal.commissions.dossiers.fusion
import portal.commissions.dossiers.menage
import portal.commissions.dossiers.messages
import portal.commissions.dossiers.panneau
import portal.commissions.dossiers.policies
import portal.commissions.dossiers.retraits  # noqa: F401  (each registers what it holds)
