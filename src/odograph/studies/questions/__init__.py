"""The questions that studies share, each answered whole in one file, for every quantity.

A question is a function that makes a `section.Section`: what it finds, draws, tables and notes
about a quantity, with its null, its halves and its sensitivity.
"""
