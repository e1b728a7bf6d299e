"""Bilans of conventions: those of a line, and their gathering for the comité stratégique."""
