"""Screens of the transmissions: sending a grid, reading those received, answering them."""
