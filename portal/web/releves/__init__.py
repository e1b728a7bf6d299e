"""Screens of what follows a session: minutes, decisions, prescriptions, appeals, indicators."""
