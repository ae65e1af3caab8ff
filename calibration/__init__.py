"""Do the statistics hold what they promise? Simulations with a known truth, and what came out.

`python -m calibration` (or `make calibration`) runs them and writes results.csv, the figure and the
tables of README.md and docs/statistics.md.
"""
