"""Screens of the commissions."""
