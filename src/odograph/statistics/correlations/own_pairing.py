"""Whether x is tied to y of the same passage, or y of any other passage would do as well.

Two series that both drift along a passage are correlated without having to do with each other, and
neighbouring tokens are no independent observations. So each passage is asked how much closer its
own two series go together than each of them goes with the other one of another passage, on the
same tokens: drift and autocorrelation are in both. Where passages are tied in different degree,
permuted pairings are no fair null, as they have lost that variation; the bootstrap-t has it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.bootstrap_t import resampled_t
from odograph.statistics.correlations.coefficients import fisher
from odograph.statistics.intervals import (
    Floats,
    fewer_resamples,
    resampled_counts,
    without_spread,
)
from odograph.statistics.judge import largest_p, reached
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import MOST_UNITS, Left, Without, of_column

FEWEST_DOCUMENTS = 20
#: Tables [passages, passages] grow with the square; 2000 passages need 32 MB for each.
MOST_PASSAGES = 2000
RESAMPLES = 9999
OWN_PAIRING_TEST = SignificanceTest.OWN_PAIRING
NO_TEST = SignificanceTest.NONE_FEW
# Shared tokens below which a pair of passages says nothing.
_FEWEST_SHARED = 4
# Draws for the test without each document, of which a third or so lack it.
_LEFT_OUT_DRAWS = 1999

Ints = NDArray[np.int64]


def pair_excess(x: Sequence[Floats], y: Sequence[Floats]) -> Floats:
    """How much closer passage i's own two series go together than with those of passage j: [n, n].

    z_ii(j) - (z_ij + z_ji) / 2 with z_ij the Fisher z of x_i with y_j and z_ii(j) that of x_i with
    y_i, all on the tokens (places from the start) that both passages have. NaN where these are
    fewer than 4, or a series is constant on them.

    x, y: one array a passage, NaN in both where a token is left out.
    """
    first, present = _padded(x)
    second, _ = _padded(y)
    n = present @ present.T
    sums_x = (first @ present.T, first**2 @ present.T)
    sums_y = (second @ present.T, second**2 @ present.T)
    across = _z(first @ second.T, sums_x, (sums_y[0].T, sums_y[1].T), n)
    # Row i, column j: x_i with y_i on the tokens that passage j has too.
    own = _z((first * second) @ present.T, sums_x, sums_y, n)
    return np.asarray(own - (across + across.T) / 2)


def _z(
    products: Floats, sums_x: tuple[Floats, Floats], sums_y: tuple[Floats, Floats], n: Floats
) -> Floats:
    """Fisher's z of Pearson's r from sums of products, of values and of squares over n tokens."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = sums_x[0] / n, sums_y[0] / n
        var_x, var_y = sums_x[1] / n - mean_x**2, sums_y[1] / n - mean_y**2
        r = (products / n - mean_x * mean_y) / np.sqrt(var_x * var_y)
    usable = (n >= _FEWEST_SHARED) & (var_x > 1e-12) & (var_y > 1e-12)
    return fisher(np.where(usable, r, np.nan), np.maximum(n, _FEWEST_SHARED))


def _padded(series: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Series as [passages, longest], standardised, 0 where absent; and where they are present."""
    values = np.zeros((len(series), max(len(s) for s in series)))
    present = np.zeros_like(values)
    for row, one in enumerate(series):
        there = np.isfinite(one)
        spread = one[there].std() if there.any() else 0.0
        values[row, : len(one)][there] = (one[there] - one[there].mean()) / (spread or 1.0)
        present[row, : len(one)] = there
    return values, present


def drawn_passages(documents: Ints, *, seed: int) -> Ints:
    """Which passages are read: all, or those of documents drawn with the seed, 2000 at most."""
    if len(documents) <= MOST_PASSAGES:
        return np.arange(len(documents))
    # A stream of its own: that of the resamples begins with the seed alone.
    every, sizes = np.unique(documents, return_counts=True)
    order = np.random.default_rng([seed, MOST_PASSAGES]).permutation(len(every))
    kept = every[order[np.cumsum(sizes[order]) <= MOST_PASSAGES]]
    return np.flatnonzero(np.isin(documents, kept))


@dataclass(frozen=True, eq=False)
class OwnPairing:
    """The excess of each document in every row, and what the test says of its mean.

    Attributes:
        values: [documents, rows]; NaN where a document has no number.
        p, p_max: of each row alone, and among all rows; NaN where fewer than 20 documents have one.
        seed: of the draws.
        documents: [passages] that of each passage read, numbered from 0.
        tables: of every row, as `pair_excess` gives them; none where they are many.
    """

    values: Floats
    p: Floats
    p_max: Floats
    seed: int
    documents: Ints
    tables: tuple[Floats, ...] = ()

    @property
    def family(self) -> int:
        """How many rows were tested together."""
        return int(np.isfinite(self.p).sum())

    def without(self, row: int) -> Without:
        """The test of a row, corrected for all rows, without each document."""
        if not self.tables:
            return Without(*np.full((2, len(self.values)), np.nan))
        return of_column(_Others(self), row)


def own_pairing(tables: Iterable[Floats], documents: Ints, *, seed: int) -> OwnPairing:
    """The test of the excess over documents, with the maximum of |t| over the rows.

    Bootstrap-t: documents are drawn with all their rows, and t is taken about the mean that was
    seen. Rows of fewer than 20 documents, or the same in all, are not tested.

    Args:
        tables: of every row, as `pair_excess` gives them; those that come one by one are held one
            by one where there are more than 200 documents.
        documents: [passages] that of each passage.
        seed: of the draws.

    Source: Hall 1992 (bootstrap-t).
    """
    _, numbers = np.unique(documents, return_inverse=True)
    count = int(numbers.max()) + 1 if len(numbers) else 0
    values, kept = [], []
    for table in tables:
        values.append(document_excess(table, numbers))
        if count <= MOST_UNITS:
            kept.append(table)
    found = np.column_stack(values) if values else np.empty((count, 0))
    p, p_max = _judged(found, seed)
    return OwnPairing(found, p, p_max, seed, numbers, tuple(kept))


def document_excess(table: Floats, documents: Ints) -> Floats:
    """The mean excess of each document over all passages of others: [passages, passages] to [n].

    A document's value is the mean over its passages. NaN where it has none.
    """
    other = documents[:, None] != documents
    return _of_documents(_sums(table, other), documents)


def _sums(table: Floats, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Sum and number of the excesses of each passage over the chosen others: [passages] each."""
    known = np.isfinite(table) & chosen
    return np.where(known, table, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64)


def _of_documents(sums: tuple[Floats, Floats], documents: Ints) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        each = sums[0] / sums[1]
        known = np.isfinite(each)
        count = np.bincount(documents, known)
        return np.asarray(np.bincount(documents, np.where(known, each, 0.0)) / count)


def _judged(values: Floats, seed: int) -> tuple[Floats, Floats]:
    """P of each row alone and among all, of values [documents, rows]."""
    p, p_max = np.full((2, values.shape[1]), np.nan)
    tested = _testable(values)
    if tested.any():
        n = len(values)
        draws = resampled_counts(n, seed, fewer_resamples(n, RESAMPLES))
        size = np.abs(_drawn(values[:, tested], draws))
        p[tested], p_max[tested] = reached(size, size[0]), largest_p(size)
    return p, p_max


def _testable(values: Floats) -> NDArray[np.bool_]:
    """Rows with a number in 20 documents or more, which is not the same in all."""
    enough = np.isfinite(values).sum(axis=0) >= FEWEST_DOCUMENTS
    flat = [without_spread(column[np.isfinite(column)]) for column in values.T]
    return np.asarray(enough & ~np.array(flat, dtype=bool))


def _drawn(values: Floats, draws: Iterable[NDArray[np.integer]]) -> Floats:
    """The t of each row as seen, then about its mean in each draw: [1 + draws, rows]."""
    n = np.isfinite(values).sum(axis=0)
    mean = np.nanmean(values, axis=0)
    t = mean / (np.nanstd(values, axis=0, ddof=1) / np.sqrt(n))
    drawn = [resampled_t(values - mean, counts.astype(np.float64)) for counts in draws]
    return np.concatenate([t[None], *drawn])


class _Others:
    """All rows without each document: of the draws, those that lack it."""

    def __init__(self, found: OwnPairing) -> None:
        self.found = found
        self.units = len(found.values)
        self.tested = np.isfinite(found.p)
        other = found.documents[:, None] != found.documents
        self.sums = [_sums(table, other) for table in found.tables]
        self.counts = np.concatenate(
            list(resampled_counts(self.units, found.seed, _LEFT_OUT_DRAWS))
        )

    def without(self, unit: int) -> Left | None:
        """Means and t of the others; None where fewer than 20 would be left."""
        if self.units <= FEWEST_DOCUMENTS:
            return None
        own, kept = self.found.documents == unit, np.arange(self.units) != unit
        values = np.column_stack(
            [
                self._without(table, sums, own)[kept]
                for table, sums in zip(self.found.tables, self.sums, strict=True)
            ]
        )
        mean = np.nanmean(values, axis=0)
        t = np.zeros((1 + int((self.counts[:, unit] == 0).sum()), values.shape[1]))
        rows = self.tested & _testable(values)
        t[:, rows] = _drawn(values[:, rows], [self.counts[self.counts[:, unit] == 0][:, kept]])
        return Left(np.asarray(mean), t)

    def _without(
        self, table: Floats, sums: tuple[Floats, Floats], own: NDArray[np.bool_]
    ) -> Floats:
        gone = _sums(table[:, own], np.ones((len(table), int(own.sum())), dtype=bool))
        return _of_documents((sums[0] - gone[0], sums[1] - gone[1]), self.found.documents)
