"""Persons, memberships, sessions and invitations."""

import portal.comptes.menage
import portal.comptes.messages
import portal.comptes.passation_invitations
import portal.comptes.policies  # noqa: F401  (they register what they hold)
