"""Screens of a session while it is held."""
