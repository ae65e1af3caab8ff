"""Correlations inside and across passages: coefficients, means, tests, grids, layers, sums."""
