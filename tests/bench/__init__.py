"""Measures of cost, printed as ratios taken in one run: `make bench`."""
