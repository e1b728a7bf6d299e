"""Avenants: what changes in a signed convention, clause by clause (domaine.md § 5.4)."""
