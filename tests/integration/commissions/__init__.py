"""Commissions: configuration, seats, sessions, invitations."""
