"""What leads where a mean over blocks hides its blocks: the curve, if these differ in sign."""

import numpy as np

from odograph.folder.selection import Floats
from odograph.sentences.english import layers_named
from odograph.statistics.permutation import ALPHA


def both_signs(difference: Floats, p: Floats) -> bool:
    """Whether some layers are shown to lie above 0 and others below: by corrected p's, [L]."""
    found = np.nan_to_num(p, nan=1.0) < ALPHA
    return bool((found & (difference > 0)).any() and (found & (difference < 0)).any())


def cancels(mean: tuple[float, float] | None, difference: Floats, p: Floats) -> bool:
    """Whether layers are shown on both sides of 0 while their mean, by its interval, is not."""
    holds = mean is not None and mean[0] <= 0 <= mean[1]
    return holds and both_signs(difference, p)


def sides(
    difference: Floats, p: Floats, words: tuple[str, str], along: str = "block", first: int = 1
) -> str:
    """The layers on both sides of 0: "more in blocks 2-4, less in block 1".

    words: for above 0 and below; first: the number of the first layer.
    """
    found = np.nan_to_num(p, nan=1.0) < ALPHA
    above = layers_named(found & (difference > 0), along, first)
    below = layers_named(found & (difference < 0), along, first)
    return f"{words[0]} in {above}, {words[1]} in {below}"
