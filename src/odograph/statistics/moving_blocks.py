"""Moving blocks: resampling the tokens of one passage without tearing neighbours apart."""

import math
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import LEVEL, Floats, expanded_tail

DRAWS = 1999
BLOCK_INTERVAL = "moving-block bootstrap, expanded percentiles"
DESCRIPTIVE = "none: descriptive, one text"
BLOCK_RULE = "Politis-White length of the product series, at least n^(1/3), at most n/4"
# Shorter series give the rule nothing to estimate autocorrelation from.
_SHORTEST = 20
# Draws held in memory at once.
_CHUNK = 200


def block_length(x: Floats, y: Floats) -> int:
    """The block length, in tokens, for the correlation of two complete series [n].

    The rule of Politis & White (2004, corrected 2009) for circular blocks, applied to the product
    of the standardised series, whose mean is r; rounded up, at least n^(1/3), at most n/4. Below 20
    tokens, or where a series is constant, n^(1/3).

    Source: arch.bootstrap.optimal_block_length.
    """
    n = len(x)
    product = (x - x.mean()) * (y - y.mean()) if n else x
    return _length_of(product)


def mean_block_length(series: Floats) -> int:
    """The block length, in tokens, for the mean of a complete series [n]: the same rule and bounds.

    Source: arch.bootstrap.optimal_block_length.
    """
    return _length_of(series - series.mean() if len(series) else series)


def _length_of(series: Floats) -> int:
    """The rule's length for the mean of a series of mean 0 [n]."""
    n = len(series)
    least = max(1, math.ceil(float(np.cbrt(n)) - 1e-9))
    if n < _SHORTEST or not series.std() > 0:
        return least
    from arch.bootstrap import optimal_block_length

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        optimal = float(optimal_block_length(series / series.std())["circular"].iloc[0])
    longest = max(least, n // 4)
    return min(longest, max(least, math.ceil(optimal))) if math.isfinite(optimal) else least


def block_draws(n: int, length: int, *, seed: int, draws: int = DRAWS) -> NDArray[np.int64]:
    """Token numbers of moving-block resamples: [draws, n], blocks of `length` neighbours.

    Source: arch.bootstrap.MovingBlockBootstrap.
    """
    from arch.bootstrap import MovingBlockBootstrap

    # Only the draws are arch's: its loop calls the statistic once a draw, a hundred times slower
    # than correlating all draws as one array.
    bootstrap = MovingBlockBootstrap(length, np.arange(n), seed=np.random.default_rng(seed))
    return np.stack([bootstrap.update_indices() for _ in range(draws)]).astype(np.int64)


def block_mean_intervals(table: Floats, *, seed: int) -> tuple[Floats, Floats, int]:
    """Bounds of the mean over the tokens of one text: [n, L] to [L], [L], and the block length.

    Expanded percentiles of moving-block resamples, all layers of a token together, with the longest
    block length of any layer. NaN below 20 tokens. `table` must be complete. Descriptive: it says
    how far the mean of this text would move if its stretches had come in other numbers, nothing
    about other texts.

    Source: Künsch 1989; Hesterberg 2015.
    """
    n, layers = table.shape
    if n < _SHORTEST:
        nothing = np.full(layers, np.nan)
        return nothing, nothing, 0
    length = max(mean_block_length(column) for column in table.T)
    draws = block_draws(n, length, seed=seed)
    means = over_draws(table.T, draws, lambda drawn: drawn.mean(axis=-1))
    low, high = percentile_bounds(means, n // length)
    return low, high, length


def over_draws(
    table: Floats, draws: NDArray[np.int64], statistic: Callable[[Floats], Floats]
) -> Floats:
    """`statistic` of resampled tables: [rows, n] and [draws, n] to [draws, ...], in chunks."""
    chunks = [
        statistic(np.moveaxis(table[:, draws[start : start + _CHUNK]], 0, 1))
        for start in range(0, len(draws), _CHUNK)
    ]
    return np.concatenate(chunks)


def percentile_bounds(values: Floats, units: int, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Expanded percentile bounds over draws [draws, ...] of so many units, or blocks.

    A draw is NaN where it happens to hold one value only: such draws are left out, and the bounds
    are NaN where they are more than 5 %.

    Source: Hesterberg 2015.
    """
    bounds = np.full((2, *values.shape[1:]), np.nan)
    known = np.isfinite(values).mean(axis=0) >= 0.95
    if known.any():
        tail = expanded_tail(units, level)
        bounds[:, known] = np.nanquantile(values[:, known], [tail, 1 - tail], axis=0)
    return bounds[0], bounds[1]
