"""Watching a model run and reducing its states to measures."""
