"""Models: loading, anatomy, self-check, untrained twin, the bundled model."""
