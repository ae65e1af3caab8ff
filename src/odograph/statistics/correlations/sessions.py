"""Session permutation: whether x is tied to y of the same passage, or any passage would do.

Two series that both drift along a passage are correlated without having to do with each other, and
neighbouring tokens are no independent observations. Pairing x of one passage with y of another
keeps drift and autocorrelation and breaks only the tie.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.correlations.coefficients import fisher
from odograph.statistics.intervals import Floats
from odograph.statistics.judge import largest_p
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.leave_one_out import Left, Without, leave_one_out

FEWEST_PASSAGES = 20
MOST_PASSAGES = 2000
#: Pairings for the test without each passage.
LEFT_OUT_DRAWS = 499
NO_TEST = SignificanceTest.NONE_FEW
PASSAGE_INTERVAL = IntervalKind.BCA_FISHER_Z
SESSION_TEST = SignificanceTest.SESSIONS


def session_tables(x: list[Floats], y: list[Floats]) -> tuple[Floats, Floats]:
    """Fisher z of each passage [passages], and what another pairing changes [passages, passages].

    x, y: one array a passage, NaN in both where a token is left out. The change is z of x_i with
    y_j minus the mean of z of x_i with y_i and of x_j with y_j, all three on the tokens (places
    from the start) that both passages have: the longer is cut to the shorter. Of passages of one
    length this is Harris's test. Cut only when paired anew, longer passages, over which more
    drifts, would seem tied by that alone. NaN where fewer than 4 tokens are shared or a series is
    constant.
    """
    first, present = _padded(x)
    second, _ = _padded(y)
    n = present @ present.T
    sums_x = (first @ present.T, first**2 @ present.T)
    sums_y = (second @ present.T, second**2 @ present.T)
    z = fisher(_r(first @ second.T, sums_x, (sums_y[0].T, sums_y[1].T), n))
    # Row i, column j: x_i with y_i on the tokens that passage j has too.
    own = fisher(_r((first * second) @ present.T, sums_x, sums_y, n))
    return np.diag(z).copy(), z - (own + own.T) / 2


def _r(
    products: Floats, sums_x: tuple[Floats, Floats], sums_y: tuple[Floats, Floats], n: Floats
) -> Floats:
    """Pearson's r from sums of products, of values and of squares over n tokens."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = sums_x[0] / n, sums_y[0] / n
        var_x, var_y = sums_x[1] / n - mean_x**2, sums_y[1] / n - mean_y**2
        r = (products / n - mean_x * mean_y) / np.sqrt(var_x * var_y)
    usable = (n >= 4) & (var_x > 1e-12) & (var_y > 1e-12)
    return np.where(usable, np.clip(r, -1, 1), np.nan)


def _padded(series: list[Floats]) -> tuple[Floats, Floats]:
    """Series as [passages, longest], standardised, 0 where absent; and where they are present."""
    values = np.zeros((len(series), max(len(s) for s in series)))
    present = np.zeros_like(values)
    for row, one in enumerate(series):
        there = np.isfinite(one)
        spread = one[there].std() if there.any() else 0.0
        values[row, : len(one)][there] = (one[there] - one[there].mean()) / (spread or 1.0)
        present[row, : len(one)] = there
    return values, present


def permuted_means(own: Floats, changes: Floats, orders: NDArray[np.integer]) -> Floats:
    """Mean Fisher z of one row under pairings of passages: [draws].

    own [passages] and changes [passages, passages] from `session_tables`, orders [draws, passages]
    from `pairings`. Pairs without a correlation are left out of the mean.
    """
    known = np.isfinite(changes)
    observed, count = own.mean(), float(len(own))
    total = _summed(np.where(known, changes, 0.0), orders)
    if known.all():
        return np.asarray(observed + total / count)
    with np.errstate(invalid="ignore"):
        return np.asarray(observed + total / _summed(known.astype(np.float64), orders))


def _summed(table: Floats, orders: NDArray[np.integer]) -> Floats:
    """Sum over i of table[i, order[i]] for every order: [draws], never [draws, passages]."""
    total = np.zeros(len(orders))
    for row, order in zip(table, orders.T, strict=True):
        total += row[order]
    return total


def pairings(passages: int, *, seed: int, draws: int) -> NDArray[np.integer]:
    """Random orders of passages: [draws, passages], each passage's column one stretch of memory.

    In the smallest whole numbers that will do: there are ten thousand orders of up to 2000.
    """
    rows = np.tile(np.arange(passages, dtype=np.min_scalar_type(passages)), (draws, 1))
    return np.asfortranarray(np.random.default_rng(seed).permuted(rows, axis=1, out=rows))


def drawn_passages(passages: int, *, seed: int) -> NDArray[np.int64]:
    """Which passages session permutation reads: all, or a seeded 2000 of them, in their order.

    Tables [passages, passages] grow with the square; 2000 passages need 32 MB for each.
    """
    if passages <= MOST_PASSAGES:
        return np.arange(passages)
    # A stream of its own: that of the pairings begins with the seed alone.
    rng = np.random.default_rng([seed, MOST_PASSAGES])
    return np.sort(rng.choice(passages, MOST_PASSAGES, replace=False))


def session_p(observed: Floats, drawn: Floats) -> Floats:
    """Two-sided p of each row: [rows], [draws, rows] to [rows]; the pairing as it is counts once.

    Twice the smaller tail, because shared drift moves the null away from 0. Exact for passages of
    one length, approximate for unequal ones.

    Source: Harris 2020; Phipson & Smyth 2010.
    """
    above = 1 + (drawn >= observed - 1e-12).sum(axis=0)
    below = 1 + (drawn <= observed + 1e-12).sum(axis=0)
    p = np.minimum(1, 2 * np.minimum(above, below) / (1 + len(drawn)))
    return np.where(np.isfinite(observed), p, np.nan)


def session_max_p(observed: Floats, drawn: Floats) -> Floats:
    """Each row's p corrected for all rows: [rows], [draws, rows] to [rows].

    The share of pairings whose largest |z - mean| / sd over rows reaches the row's; mean and sd are
    those of the row over all pairings (max-T over rows).
    """
    distance = _distances(observed, drawn)
    known = np.asarray(np.isfinite(distance).all(axis=0))
    p = np.full(len(observed), np.nan)
    p[known] = largest_p(distance[:, known], tie=1e-12)
    return p


def _distances(observed: Floats, drawn: Floats) -> Floats:
    """|z - mean| / sd of each row, the pairing as it is first: [1 + draws, rows]."""
    everything = np.vstack([observed, drawn])
    centre, spread = everything.mean(axis=0), everything.std(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.abs(everything - centre) / spread)


def session_without(
    tables: Sequence[tuple[Floats, Floats]], row: int, *, seed: int, draws: int = LEFT_OUT_DRAWS
) -> Without:
    """One row's p, corrected for all rows, without each passage: arrays [passages].

    Taking a passage out of a pairing and giving its partner to the passage that had it leaves every
    pairing of the others as likely as any other: this is the test itself on the passages that are
    left, and each null mean needs three terms only. With 499 pairings p = .05 is known to +- .01.
    NaN where fewer than 20 passages would be left.

    tables: of every row, as `session_tables` gives them.
    """
    pairs = _Sessions(tables, seed, draws)

    def p_of(drawn: Floats) -> float:
        both = drawn[0], drawn[1:]
        return float(max(session_p(*both)[row], session_max_p(*both)[row]))

    return leave_one_out(pairs, p_of, lambda estimate: float(estimate[row]))


class _Sessions:
    """All rows' mean Fisher z under random pairings of the passages."""

    def __init__(self, tables: Sequence[tuple[Floats, Floats]], seed: int, draws: int) -> None:
        self.units = len(tables[0][0])
        self.partners = pairings(self.units, seed=seed, draws=draws).astype(np.int64)
        self.inverse = np.argsort(self.partners, axis=1)
        self.sums = [_Sums(own, changes, self.partners) for own, changes in tables]

    def without(self, unit: int) -> Left | None:
        """The means without a passage, as paired and under every pairing of the others."""
        if self.units <= FEWEST_PASSAGES:
            return None
        found = [one.without(unit, self.partners, self.inverse) for one in self.sums]
        observed = np.array([mean for mean, _ in found])
        return Left(observed, np.vstack([observed, np.column_stack([drawn for _, drawn in found])]))


class _Sums:
    """The changes of one row summed over every pairing, and how many there are of them."""

    def __init__(self, own: Floats, changes: Floats, partners: NDArray[np.int64]) -> None:
        known = np.isfinite(changes)
        self.own = own
        self.tables = np.where(known, changes, 0.0), known.astype(np.float64)
        self.totals = [_summed(table, partners) for table in self.tables]

    def without(
        self, unit: int, partners: NDArray[np.int64], inverse: NDArray[np.int64]
    ) -> tuple[float, Floats]:
        """The mean without a passage, as paired and under every pairing: [draws]."""
        mean = (self.own.sum() - self.own[unit]) / (len(self.own) - 1)
        total, count = (
            _left(table, totals, partners[:, unit], inverse[:, unit], unit)
            for table, totals in zip(self.tables, self.totals, strict=True)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(mean), np.asarray(mean + total / count)


def _left(
    table: Floats, totals: Floats, has: NDArray[np.int64], had: NDArray[np.int64], unit: int
) -> Floats:
    """The sums over a table of every pairing without a passage: [draws]."""
    joined = totals - table[unit, has] - table[had, unit] + table[had, has]
    return np.asarray(np.where(has == unit, totals - table[unit, unit], joined))
