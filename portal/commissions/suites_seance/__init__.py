"""What follows a session: minutes, decisions told, prescriptions, appeals, indicators (domaine.md § 7)."""

import portal.commissions.suites_seance.effacement
import portal.commissions.suites_seance.messages
import portal.commissions.suites_seance.policies
import portal.commissions.suites_seance.travaux  # noqa: F401  (each registers what it holds)
