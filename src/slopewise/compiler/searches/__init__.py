"""Searches and fits: `minimize` and `least_squares`, by SciPy."""
