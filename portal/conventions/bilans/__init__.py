"""Bilans of conventions: asked for on their day, written by operator or SIAO, read by the three parties."""
