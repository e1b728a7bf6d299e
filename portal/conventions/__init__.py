"""Conventions: following the signature of every CTP (domaine.md § 5)."""

import portal.conventions.alertes
import portal.conventions.fusion
import portal.conventions.import_suivi.travaux
import portal.conventions.messages
import portal.conventions.parametres
import portal.conventions.policies  # noqa: F401  (each registers what it holds)
