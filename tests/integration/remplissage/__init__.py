"""Filling the grid of a household."""
