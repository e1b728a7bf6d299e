"""Persons, memberships, sessions and invitations."""

import portal.comptes.messages  # noqa: F401  (registers the texts of this room's errors)
