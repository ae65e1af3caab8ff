"""The built viewer: script and style of every page, made from `viewer/` at the repository root."""
