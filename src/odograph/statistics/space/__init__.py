"""Directions in the full space: principal axes, and what random directions and walks give."""
