"""Untrained twins as the band under a curve."""

import numpy as np

from odograph.figures.profile import Band
from odograph.statistics.intervals import band
from odograph.studies.selection import Floats, Ints


def twin_bands(twins: Floats | None, layers: Ints) -> list[Band]:
    """5-95 % of the passages of all seeds, and their mean; nothing where there are no twins.

    twins: [seeds, passages, L].
    """
    if twins is None:
        return []
    low, high = band(twins.reshape(-1, twins.shape[-1]))
    seeds = len(twins)
    label = "untrained twin (1 seed)" if seeds == 1 else f"untrained twins ({seeds} seeds)"
    mean = np.asarray(twins.mean(axis=(0, 1)))
    return [Band(label, layers, low, high, mean)]
