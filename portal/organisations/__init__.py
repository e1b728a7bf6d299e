"""Organisations, their structures, and the reference data they stand on."""

import portal.organisations.messages  # noqa: F401  (registers the texts of this room's errors)
