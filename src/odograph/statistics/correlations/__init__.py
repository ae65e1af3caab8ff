"""Correlations inside and across passages: coefficients, grids, sessions, layers, sums."""
