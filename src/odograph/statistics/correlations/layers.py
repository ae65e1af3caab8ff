"""Correlations inside passages for many rows at once: a row is a part in a layer, or any pair.

The grid of the last step crosses every step with every confidence; here row i of x goes with row i
of y. One family: all rows, Pearson and Spearman together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.statistics.correlations.coefficients import FEWEST_TOKENS, METHODS, fisher, ranked
from odograph.statistics.correlations.sessions import (
    FEWEST_PASSAGES,
    NO_TEST,
    PASSAGE_INTERVAL,
    SESSION_TEST,
    drawn_passages,
    pairings,
    permuted_means,
    session_max_p,
    session_p,
    session_tables,
)
from odograph.statistics.intervals import FEWEST_UNITS, Floats, mean_intervals
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.moving_blocks import (
    BLOCK_INTERVAL,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.permutation import PERMUTATIONS
from odograph.statistics.values import IntervalMethod

# One passage's x and y, [rows, tokens] each, complete: no NaN.
Pair = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Correlations:
    """Mean correlations inside passages, [2, rows]: Pearson first, then Spearman.

    r is the mean over passages by Fisher's z; low, high are those of `interval`; p and p_max_t (all
    rows of both methods are one `family`) are NaN where nothing was tested. `each` has Fisher's z
    of every passage used, [passages, 2, rows]; `used` says which of the given passages those are.
    `block_length` is the longest inside one text, else 0; `read` passages went into the p-values.
    """

    r: Floats
    low: Floats
    high: Floats
    p: Floats
    p_max_t: Floats
    each: Floats
    used: tuple[int, ...]
    tokens: int
    excluded_passages: int
    interval: IntervalMethod | None
    test: SignificanceTest
    family: int
    block_length: int
    read: int

    @property
    def passages(self) -> int:
        """How many passages were used."""
        return len(self.used)


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
    passages: Sequence[Pair], *, seed: int, test: bool = True, permutations: int = PERMUTATIONS
) -> Correlations:
    """Every row's correlation in each passage and its mean, with interval and test.

    passages: x and y of each, [rows, tokens], without NaN. Fewer than 10 tokens or a constant row:
    the passage is left out of all rows. One passage: moving-block bootstrap, descriptive. From 6
    on: BCa over passages. From 20 on, if `test`: session permutation, corrected over all rows.

    Source: Harris 2020 (session permutation); Künsch 1989 (moving blocks).
    """
    every = [coefficients_in(x, y) for x, y in passages]
    used = tuple(i for i, r in enumerate(every) if np.isfinite(r).all())
    kept = [passages[i] for i in used]
    shape = every[0].shape if every else (len(METHODS), 0)
    each = fisher(np.array([every[i] for i in used]).reshape(-1, *shape))
    r = np.tanh(each.mean(axis=0)) if used else np.full(shape, np.nan)
    bounds, interval, block_length = _bounds(kept, each, seed)
    p, p_max_t = np.full((2, *shape), np.nan)
    read = drawn_passages(len(kept), seed=seed)
    tested = SignificanceTest.NONE_ONE_TEXT if len(used) == 1 else NO_TEST
    if test and len(used) >= FEWEST_PASSAGES:
        p, p_max_t = _tested([kept[i] for i in read], seed, permutations)
        tested = SESSION_TEST
    return Correlations(
        r=r,
        low=bounds[0],
        high=bounds[1],
        p=p,
        p_max_t=p_max_t,
        each=each,
        used=used,
        tokens=sum(x.shape[1] for x, _ in kept),
        excluded_passages=len(passages) - len(used),
        interval=interval,
        test=tested if test or len(used) == 1 else SignificanceTest.NONE_FOR_COMPARISON,
        family=int(np.isfinite(p).sum()),
        block_length=block_length,
        read=len(read) if tested == SESSION_TEST else 0,
    )


def coefficients_in(x: Floats, y: Floats) -> Floats:
    """Pearson and Spearman of every row in one passage: [2, rows]; NaN below 10 tokens."""
    if x.shape[1] < FEWEST_TOKENS:
        return np.full((len(METHODS), len(x)), np.nan)
    return np.stack([correlate_rows(x, y, method) for method in METHODS])


def _bounds(
    kept: Sequence[Pair], each: Floats, seed: int
) -> tuple[Floats, IntervalMethod | None, int]:
    """Lower and upper bounds [2, 2, rows], how they were had, and the longest block length."""
    if len(kept) == 1:
        bounds, length = _block_bounds(*kept[0], seed)
        return bounds, IntervalMethod(BLOCK_INTERVAL, kept[0][0].shape[1] // length), length
    shape = each.shape[1:]
    low, high = mean_intervals(each.reshape(len(each), int(np.prod(shape))), seed=seed)
    bounds = np.tanh(np.stack([low.reshape(shape), high.reshape(shape)]))
    enough = len(kept) >= FEWEST_UNITS
    return bounds, IntervalMethod(PASSAGE_INTERVAL, len(kept)) if enough else None, 0


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


def _tested(read: Sequence[Pair], seed: int, permutations: int) -> tuple[Floats, Floats]:
    """Raw p and p after max-T of every row, both methods one family: [2, rows] each."""
    orders = pairings(len(read), seed=seed, draws=permutations - 1)
    observed, drawn = [], []
    for method in METHODS:
        tables = [(ranked(x, method), ranked(y, method)) for x, y in read]
        for row in range(len(read[0][0])):
            own, changes = session_tables([x[row] for x, _ in tables], [y[row] for _, y in tables])
            observed.append(own.mean())
            drawn.append(permuted_means(own, changes, orders))
    shape = (len(METHODS), len(read[0][0]))
    columns = np.column_stack(drawn)
    p = session_p(np.array(observed), columns).reshape(shape)
    p_max_t = session_max_p(np.array(observed), columns).reshape(shape)
    # Two-sided tails and max-T count differently: a corrected p never lies below the raw one.
    return p, np.maximum(p, p_max_t)
