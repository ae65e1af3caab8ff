"""Designs: each gives estimate, interval, permuted statistic and itself without a unit."""
