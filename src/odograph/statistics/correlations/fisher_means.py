"""Correlations inside passages averaged over documents by Fisher's z, weighted by what z is worth.

The variance of z is 1 / (n - 3) for n tokens (1 / (n - 3 - k) with k covariates taken out): a
passage of 11 tokens counts an eighth as much as one of 67.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import (
    FEWEST_UNITS,
    LEVEL,
    Floats,
    bca_bounds,
    fewer_resamples,
    resampled_counts,
    without_spread,
)

RESAMPLES = 9999

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FisherMeans:
    """Fisher's z of documents and what each is worth, [documents, ...]; NaN and 0 for none."""

    z: Floats
    weights: Floats

    @property
    def r(self) -> Floats:
        """The weighted mean of z over documents, as a correlation: [...]; NaN without any."""
        return np.asarray(np.tanh(_mean(self.z, self.weights)))

    @property
    def documents(self) -> Ints:
        """How many documents have a number: [...]."""
        return np.asarray(np.isfinite(self.z).sum(axis=0))

    def bounds(self, *, seed: int) -> tuple[Floats, Floats]:
        """BCa bounds of `r` over documents: [...] each; NaN for fewer than 6, or no spread.

        Source: Efron 1987, influence of a unit by linearisation (Davison & Hinkley 1997, 2.7).
        """
        shape = self.z.shape[1:]
        z, weights = (v.reshape(len(v), int(np.prod(shape))) for v in (self.z, self.weights))
        known = np.isfinite(z)
        flat = np.array([without_spread(c[k]) for c, k in zip(z.T, known.T, strict=True)], bool)
        chosen = (known.sum(axis=0) >= FEWEST_UNITS) & ~flat
        bounds = np.full((2, z.shape[1]), np.nan)
        if chosen.any():
            bounds[:, chosen] = _bca(z[:, chosen], weights[:, chosen], seed)
        low, high = np.tanh(bounds).reshape(2, *shape)
        return low, high


def over_documents(z: Floats, weights: Floats, documents: Ints) -> FisherMeans:
    """Passages averaged inside their documents, [passages, ...] to [documents, ...].

    documents: [passages] that of each. A document is worth as much as its passages together.
    """
    _, row = np.unique(documents, return_inverse=True)
    return FisherMeans(
        weighted_by(z, weights, row),
        _summed(np.where(np.isfinite(z), weights, 0.0), row),
    )


def weighted_by(values: Floats, weights: Floats, row: Ints) -> Floats:
    """The weighted means of the rows of each number, [n, ...] to [numbers, ...]; NaN for none."""
    known = np.isfinite(values)
    of = np.where(known, weights, 0.0)
    with np.errstate(invalid="ignore"):
        return _summed(np.where(known, values, 0.0) * of, row) / _summed(of, row)


def _summed(values: Floats, row: Ints) -> Floats:
    total = np.zeros((int(row.max()) + 1 if len(row) else 0, *values.shape[1:]))
    np.add.at(total, row, values)
    return total


def _mean(z: Floats, weights: Floats) -> Floats:
    known = np.isfinite(z)
    of = np.where(known, weights, 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.where(known, z, 0.0) * of).sum(axis=0) / of.sum(axis=0))


def _bca(z: Floats, weights: Floats, seed: int) -> tuple[Floats, Floats]:
    """BCa bounds of the weighted mean: [n, L] each to [L], [L]."""
    n, mean = len(z), _mean(z, weights)
    of = np.where(np.isfinite(z), weights, 0.0)
    influence = of * (np.where(np.isfinite(z), z, 0.0) - mean)
    moved = []
    for counts in resampled_counts(n, seed, fewer_resamples(n, RESAMPLES)):
        drawn = counts.astype(np.float64)
        with np.errstate(invalid="ignore"):
            moved.append((drawn @ influence) / (drawn @ of))
    # A draw without any document that has the row says nothing of it.
    return bca_bounds(mean, np.nan_to_num(np.concatenate(moved)), influence, LEVEL)
