"""Organisations, their structures, and the FINESS import."""
