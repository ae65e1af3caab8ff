"""A run folder, read without torch; the only reader of the manifest."""
