"""Statistics on plain numpy arrays: intervals, paired tests, correlations, nulls, their wording.

The unit of inference is the passage, never the token. Every random draw comes from a `seed`. mne
and arch are imported inside the functions that need them, so importing this package stays light.
"""
