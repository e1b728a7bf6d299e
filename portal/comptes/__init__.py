"""Persons, memberships, sessions and invitations."""

import portal.comptes.messages
import portal.comptes.policies  # noqa: F401  (both register what they hold)
