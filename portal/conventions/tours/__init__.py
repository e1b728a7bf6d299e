"""Collective rounds: one nature de dispositif negotiated around a table by State, SIAO and operators."""
