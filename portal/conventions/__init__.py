"""Conventions: following the signature of every CTP (domaine.md § 5)."""

import portal.conventions.alertes
import portal.conventions.avenants.messages
import portal.conventions.avenants.suites
import portal.conventions.bilans.demandes
import portal.conventions.bilans.messages
import portal.conventions.bilans.parametres
import portal.conventions.bilans.policies
import portal.conventions.bilans.suites
import portal.conventions.fusion
import portal.conventions.fusion_fonctions
import portal.conventions.import_suivi.travaux
import portal.conventions.messages
import portal.conventions.modeles.messages
import portal.conventions.modeles.policies
import portal.conventions.parametres
import portal.conventions.passation
import portal.conventions.policies
import portal.conventions.redaction.messages
import portal.conventions.redaction.policies
import portal.conventions.redaction.suites
import portal.conventions.signature.messages
import portal.conventions.signature.parametres
import portal.conventions.signature.policies
import portal.conventions.signature.suites
import portal.conventions.signature.travaux
import portal.conventions.tours.messages
import portal.conventions.tours.policies
import portal.conventions.tours.suites  # noqa: F401  (each registers what it holds)
