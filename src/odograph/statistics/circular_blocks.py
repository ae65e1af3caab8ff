"""Circular blocks: resampling the tokens of one passage without tearing neighbours apart."""

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats, expanded_tail
from odograph.statistics.keys import IntervalKind

DRAWS = 1999
BLOCK_INTERVAL = IntervalKind.CIRCULAR_BLOCKS
# Shorter series give the rule nothing to estimate autocorrelation from.
_SHORTEST = 20
# Draws held in memory at once.
_CHUNK = 200


def block_length(x: Floats, y: Floats) -> int:
    """The block length, in tokens, for the correlation of two complete series [n].

    The rule of Politis & White (2004, corrected 2009) for circular blocks, applied to the product
    of the standardised series, whose mean is r; rounded up, at least n^(1/3), at most n/4. Below 20
    tokens, or where a series is constant, n^(1/3).
    """
    n = len(x)
    product = (x - x.mean()) * (y - y.mean()) if n else x
    return _length_of(product)


def mean_block_length(series: Floats) -> int:
    """The block length, in tokens, for the mean of a complete series [n], in the same way."""
    return _length_of(series - series.mean() if len(series) else series)


def _length_of(series: Floats) -> int:
    """The rule's length for the mean of a series of mean 0 [n]."""
    n = len(series)
    least = max(1, math.ceil(float(np.cbrt(n)) - 1e-9))
    if n < _SHORTEST or not series.std() > 0:
        return least
    optimal = automatic_length(series)
    longest = max(least, n // 4)
    return min(longest, max(least, math.ceil(optimal))) if math.isfinite(optimal) else least


def automatic_length(series: Floats) -> float:
    """Politis and White's length of circular blocks for the mean of a series [n], in tokens.

    (2 G^2 / D)^(1/3) n^(1/3) with G = sum w(k) |k| R(k), D = 4/3 (sum w(k) R(k))^2 over the lags
    |k| <= M; R are autocovariances, w the flat-top window: 1 up to M / 2, then falling to 0 at M.
    M is twice the first lag from which on max(5, log10 n) autocorrelations lie within 2 sqrt(log10
    n / n); sqrt(n) and as many more lags where there is none, and at most. No longer than 3 sqrt(n)
    and n / 3; NaN where all autocovariances cancel.

    Source: Politis & White 2004; Patton, Politis & White 2009 (the factor 4/3).
    """
    n, run = len(series), max(5, int(math.log10(len(series))))
    most = math.ceil(math.sqrt(n)) + run
    deviations = series - series.mean()
    covariance, correlation = _autocovariances(deviations, most)
    small = np.abs(correlation) < 2 * math.sqrt(math.log10(n) / n)
    first = np.flatnonzero(sliding_window_view(small[:-1], run).all(axis=-1))
    width = min(most, 2 * int(first[0])) if len(first) else most
    lag = np.arange(1, width + 1)
    weighted = 2 * np.minimum(1, 2 * (1 - lag / width)) * covariance[1 : width + 1]
    spread = 4 / 3 * (covariance[0] + weighted.sum()) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.cbrt(2 * (lag @ weighted) ** 2 / spread * n)
    return float(np.minimum(length, math.ceil(min(3 * math.sqrt(n), n / 3))))


def _autocovariances(deviations: Floats, most: int) -> tuple[Floats, Floats]:
    """Autocovariances and autocorrelations of deviations from the mean at lags 0..most."""
    n, squares = len(deviations), np.append(0.0, np.cumsum(deviations**2))
    lags = range(most + 1)
    products = np.array([deviations[lag:] @ deviations[: n - lag] for lag in lags])
    # Both ends one shorter than the products: as the reference implementations have it.
    after = np.array([squares[-1] - squares[lag + 1] for lag in lags])
    before = np.array([squares[n - lag - 1] for lag in lags])
    with np.errstate(divide="ignore", invalid="ignore"):
        return products / n, products / np.sqrt(after * before)


def block_draws(n: int, length: int, *, seed: int, draws: int = DRAWS) -> NDArray[np.int64]:
    """Token numbers of circular-block resamples: [draws, n], blocks of `length` neighbours.

    Blocks begin anywhere with the same probability and go on at the first token behind the last;
    the last block of a draw is cut off at n. So each token is drawn as often as any other: blocks
    that end with the text would draw its edges a `length`-th as often, and a beginning that is
    unlike the rest would shift all draws away from what was seen.

    Source: Politis & Romano 1992.
    """
    generator, blocks = np.random.default_rng(seed), math.ceil(n / length)
    starts = generator.integers(n, size=(draws, blocks))
    tokens = (starts[:, :, None] + np.arange(length)) % n
    return np.asarray(tokens.reshape(draws, -1)[:, :n])


def block_mean_intervals(table: Floats, *, seed: int) -> tuple[Floats, Floats, int]:
    """Bounds of the mean over the tokens of one text: [n, L] to [L], [L], and the block length.

    Expanded percentiles of circular-block resamples, all layers of a token together, with the
    longest block length of any layer. NaN below 20 tokens. `table` must be complete. Descriptive:
    it says how far the mean of this text would move if its stretches had come in other numbers,
    nothing about other texts.

    Source: Politis & Romano 1992; Hesterberg 2015.
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


def percentile_bounds(values: Floats, units: int) -> tuple[Floats, Floats]:
    """Expanded percentile bounds over draws [draws, ...] of so many units, or blocks.

    A draw is NaN where it happens to hold one value only: such draws are left out, and the bounds
    are NaN where they are more than 5 %.

    Source: Hesterberg 2015.
    """
    bounds = np.full((2, *values.shape[1:]), np.nan)
    known = np.isfinite(values).mean(axis=0) >= 0.95
    if known.any():
        tail = expanded_tail(units)
        bounds[:, known] = np.nanquantile(values[:, known], [tail, 1 - tail], axis=0)
    return bounds[0], bounds[1]
