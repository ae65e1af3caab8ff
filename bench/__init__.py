"""How fast odograph is, and in how much memory: ratios to the bare trunk, and what came out.

`python -m bench` (or `make bench`) runs every part, writes results.csv and the tables of README.md.
"""
