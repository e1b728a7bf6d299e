"""The directory: functions of partners, and who holds them for a while (domaine.md § 11)."""

import portal.annuaire.donnees
import portal.annuaire.echanges.travaux
import portal.annuaire.livret.travaux
import portal.annuaire.menage
import portal.annuaire.messages
import portal.annuaire.parametres
import portal.annuaire.passation
import portal.annuaire.policies
import portal.annuaire.suites  # noqa: F401  (each registers what it holds)
