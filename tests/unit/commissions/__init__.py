"""Rules of the commissions."""
