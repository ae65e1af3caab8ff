"""Statistics on plain numpy arrays: numpy and scipy only, without English.

The unit of inference is the passage, never the token. Every random draw comes from a `seed`.
"""
