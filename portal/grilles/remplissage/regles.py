"""Dates of the filled grids. Pure."""

from datetime import date

from portal.shared.dates import plus_mois


def a_renouveler(figee: date, mois: int) -> date:
    """Return the day from which a grid frozen on a day is to be renewed: 31 August + 6 months is the last
    day of February (domaine.md § 14)."""
    return plus_mois(figee, mois)
