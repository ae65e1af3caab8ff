"""Correlations inside passages for many rows at once: a row is a part in a layer, or any pair.

The grid of the last step crosses every step with every confidence; here row i of x goes with row i
of y. One family: all rows, Pearson and Spearman together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.circular_blocks import (
    BLOCK_INTERVAL,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.correlations.coefficients import FEWEST_TOKENS, METHODS, fisher, ranked
from odograph.statistics.correlations.fisher_means import (
    FisherMeans,
    over_documents,
    weighted_by,
)
from odograph.statistics.correlations.own_pairing import (
    FEWEST_DOCUMENTS,
    NO_TEST,
    OWN_PAIRING_TEST,
    drawn_passages,
    own_pairing,
    pair_excess,
)
from odograph.statistics.intervals import FEWEST_UNITS, Floats, interval_of
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.values import Interval, IntervalMethod

Ints = NDArray[np.int64]
# One passage's x and y, [rows, tokens] each, complete: no NaN.
Pair = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Correlations:
    """Mean correlations inside passages, [2, rows]: Pearson first, then Spearman.

    Attributes:
        r: the mean over documents by Fisher's z, weighted by what each is worth.
        low, high: the bounds of `interval`.
        p, p_max_t: all rows of both methods are one `family`; NaN where nothing was tested.
        each: Fisher's z of every document used, [documents, 2, rows].
        used: which of the passages given were used.
        documents: the numbers of the documents used, in the order of `each`.
        weights, owner: of each passage used, [passages]: what its z is worth, and its document's
            place in `each`.
        tokens: in the passages used.
        excluded_documents: of those given.
        block_length: the longest inside one text, else 0.
        read: documents that the p-values are of; 0 without any.
    """

    r: Floats
    low: Floats
    high: Floats
    p: Floats
    p_max_t: Floats
    each: Floats
    used: tuple[int, ...]
    documents: tuple[int, ...]
    weights: Floats
    owner: Ints
    tokens: int
    excluded_documents: int
    interval: IntervalMethod | None
    test: SignificanceTest
    family: int
    block_length: int
    read: int

    @property
    def n(self) -> int:
        """How many documents were used."""
        return len(self.documents)

    def interval_at(self, method: int, row: int) -> Interval | None:
        """The interval of one correlation, by the place of its method and row; None for none."""
        return interval_of(self.low[method, row], self.high[method, row], self.interval)

    def over_documents(self, values: Floats) -> Floats:
        """Other values of the passages used, [passages, ...], averaged in the same way."""
        shape = (len(self.weights), *[1] * (values.ndim - 1))
        weights = np.broadcast_to(self.weights.reshape(shape), values.shape)
        return weighted_by(values, weights, self.owner)


def correlate_rows(x: Floats, y: Floats, method: str) -> Floats:
    """Correlation of row i of x with row i of y: [..., rows, n] to [..., rows]; NaN if constant.

    Raises: StudyError for a method that is neither "pearson" nor "spearman".
    """
    first, second = (standardised(v, method) for v in (x, y))
    return np.asarray(np.clip((first * second).sum(axis=-1), -1, 1))


def standardised(values: Floats, method: str) -> Floats:
    """Rows of mean 0 and length 1, of ranks for "spearman": their products are correlations.

    [..., n] to [..., n]; NaN where a row is constant but for rounding.
    """
    table = ranked(values, method)
    centred = table - table.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    largest = np.abs(table).max(axis=-1, keepdims=True)
    rounding = 1e-12 * np.sqrt(table.shape[-1]) * largest
    return np.asarray(centred / np.where(spread > rounding, spread, np.nan))


def layer_correlations(
    passages: Sequence[Pair],
    documents: Sequence[int] | None = None,
    *,
    seed: int,
    test: bool = True,
) -> Correlations:
    """Every row's correlation in each passage and its mean over documents, with interval and test.

    passages: x and y of each, [rows, tokens], without NaN; documents: that of each, by default
    every passage is one. Fewer than 10 tokens or a constant row: the passage is left out of all
    rows. One document: circular-block bootstrap of its passages joined, descriptive. From 6 on: BCa
    over documents. From 20 on, if `test`: own pairs against pairs of different documents, with the
    maximum over all rows.

    Source: Hall 1992 (bootstrap-t); Politis & Romano 1992 (circular blocks).
    """
    given = _Given.of(passages, range(len(passages)) if documents is None else documents)
    means, of = given.means, given.documents
    bounds, interval, length = _bounds(given.kept, means, seed)
    p, p_max_t = np.full((2, *means.z.shape[1:]), np.nan)
    tested = SignificanceTest.NONE_ONE_TEXT if len(means.z) == 1 else NO_TEST
    read = drawn_passages(of, seed=seed)
    if test and len(means.z) >= FEWEST_DOCUMENTS:
        p, p_max_t = _tested([given.kept[i] for i in read], of[read], seed)
        tested = OWN_PAIRING_TEST
    return Correlations(
        r=means.r,
        low=bounds[0],
        high=bounds[1],
        p=p,
        p_max_t=p_max_t,
        each=means.z,
        used=given.used,
        documents=tuple(np.unique(of).tolist()),
        weights=given.weights,
        owner=np.unique(of, return_inverse=True)[1],
        tokens=sum(x.shape[1] for x, _ in given.kept),
        excluded_documents=given.every - len(means.z),
        interval=interval,
        test=tested if test or len(means.z) == 1 else SignificanceTest.NONE_FOR_COMPARISON,
        family=int(np.isfinite(p).sum()),
        block_length=length,
        read=len(np.unique(of[read])) if tested == OWN_PAIRING_TEST else 0,
    )


@dataclass(frozen=True, eq=False)
class _Given:
    """The passages that have every row, and what is made of them; those of one document joined.

    `used` are their places among those given, `every` how many documents were given.
    """

    kept: list[Pair]
    used: tuple[int, ...]
    documents: Ints
    weights: Floats
    means: FisherMeans
    every: int

    @classmethod
    def of(cls, passages: Sequence[Pair], documents: Sequence[int]) -> "_Given":
        numbers = np.asarray(documents, dtype=np.int64)
        if len(passages) > 1 and len(np.unique(numbers)) == 1:
            x, y = (np.hstack(parts) for parts in zip(*passages, strict=True))
            passages, numbers = [(x, y)], numbers[:1]
        r = [coefficients_in(x, y) for x, y in passages]
        used = tuple(i for i, one in enumerate(r) if np.isfinite(one).all())
        kept = [passages[i] for i in used]
        shape = r[0].shape if r else (len(METHODS), 0)
        found = np.array([r[i] for i in used]).reshape(-1, *shape)
        tokens = np.array([x.shape[1] for x, _ in kept], np.int64)
        weights = (tokens[:, None, None] - 3).astype(np.float64)
        z = fisher(found, tokens[:, None, None])
        of = numbers[list(used)]
        means = over_documents(z, np.broadcast_to(weights, z.shape), of)
        return cls(kept, used, of, weights[:, 0, 0], means, len(np.unique(numbers)))


def coefficients_in(x: Floats, y: Floats) -> Floats:
    """Pearson and Spearman of every row in one passage: [2, rows]; NaN below 10 tokens."""
    if x.shape[1] < FEWEST_TOKENS:
        return np.full((len(METHODS), len(x)), np.nan)
    return np.stack([correlate_rows(x, y, method) for method in METHODS])


def _bounds(
    kept: Sequence[Pair], means: FisherMeans, seed: int
) -> tuple[Floats, IntervalMethod | None, int]:
    """Lower and upper bounds [2, 2, rows], how they were had, and the longest block length."""
    count = len(means.z)
    if count == 1:
        bounds, length = _block_bounds(*kept[0], seed)
        return bounds, IntervalMethod(BLOCK_INTERVAL, kept[0][0].shape[1] // length), length
    method = IntervalMethod(IntervalKind.BCA_FISHER_Z, count) if count >= FEWEST_UNITS else None
    return np.stack(means.bounds(seed=seed)), method, 0


def _block_bounds(x: Floats, y: Floats, seed: int) -> tuple[Floats, int]:
    """Row by row, so that no more than one row's draws are held; the longest block length."""
    bounds, longest = np.full((2, len(METHODS), len(x)), np.nan), 0
    for row, both in enumerate(zip(x, y, strict=True)):
        length = block_length(*both)
        draws = block_draws(x.shape[1], length, seed=seed)
        longest = max(longest, length)
        for index, method in enumerate(METHODS):
            values = over_draws(
                np.stack(both),
                draws,
                lambda drawn, method=method: correlate_rows(  # type: ignore[misc]
                    drawn[:, :1], drawn[:, 1:], method
                ),
            )
            low, high = percentile_bounds(values, x.shape[1] // length)
            bounds[:, index, row] = low[0], high[0]
    return bounds, longest


def _tested(read: Sequence[Pair], documents: Ints, seed: int) -> tuple[Floats, Floats]:
    """P of every row alone and among all, both methods one family: [2, rows] each."""
    found = own_pairing(_tables(read), documents, seed=seed)
    shape = (len(METHODS), len(read[0][0]))
    return found.p.reshape(shape), found.p_max.reshape(shape)


def _tables(read: Sequence[Pair]) -> Iterator[Floats]:
    """How much closer each passage's own pair is, row by row of both methods."""
    for method in METHODS:
        tables = [(ranked(x, method), ranked(y, method)) for x, y in read]
        for row in range(len(read[0][0])):
            yield pair_excess([x[row] for x, _ in tables], [y[row] for _, y in tables])
