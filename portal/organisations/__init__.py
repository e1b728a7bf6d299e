"""Organisations, their structures, and the reference data they stand on."""

import portal.organisations.messages
import portal.organisations.policies  # noqa: F401  (both register what they hold)
