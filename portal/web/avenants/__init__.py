"""Screens of the avenants."""
