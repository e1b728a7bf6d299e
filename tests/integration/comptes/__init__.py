"""Persons, memberships, sessions, sign-in."""

PASSWORD = "un long mot de passe"
ADDRESS = "192.0.2.7"
