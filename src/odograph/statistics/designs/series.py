"""An ordered series of runs on the same units: trend, and the members between which it changes.

Members stand in the order of an axis (training step, size); what counts is their rank, not how far
apart they are. Both tests are over units: they speak of these members, on units like these. Two
networks always differ somewhere, so how much of a trend any order of the same members would show
stands beside them (`share_of_orders`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations as arrangements
from math import factorial

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.judge import TIE
from odograph.statistics.permutation import PERMUTATIONS, MeanTest, mean_test
from odograph.statistics.values import Interval

#: With fewer members there are too few orders, and too few splits, to speak of either.
FEWEST_MEMBERS = 5


@dataclass(frozen=True, eq=False)
class Trend:
    """The slope on the rank of the member, a unit of the values a member: arrays [columns].

    Attributes:
        slope: mean over units.
        each: of each unit, [units, columns].
        tested: the test of a mean slope of 0, corrected for all columns.
    """

    slope: Floats
    each: Floats
    tested: MeanTest

    def interval(self, column: int, *, seed: int) -> Interval | None:
        """That of the mean slope of a column fixed beforehand."""
        return inverted_interval(self.each[:, column], seed=seed)

    def simultaneous(self, column: int) -> Interval | None:
        """That of a column picked because of its slope; it holds at all columns together."""
        return self.tested.simultaneous_at(self.slope, column)


@dataclass(frozen=True, eq=False)
class ChangePoint:
    """The split with the largest |t| of the mean of members after it minus that before.

    Attributes:
        after: how many members stand before the change.
        differences: of each unit at every split, [units, members - 1].
        tested: its columns are the splits; p and interval are corrected for all of them.
        stepped, straight: shares of the variance of the members' means that a step there, and a
            straight line on the rank, account for.
    """

    after: int
    differences: Floats
    tested: MeanTest
    stepped: float
    straight: float

    @property
    def difference(self) -> float:
        """Mean of the members after the change minus that before."""
        return float(self.differences[:, self.after - 1].mean())

    @property
    def p(self) -> float:
        """Corrected for all splits."""
        return float(self.tested.p_max[self.after - 1])

    @property
    def interval(self) -> Interval | None:
        """That of the difference; it allows for the choice among all splits."""
        return self.tested.simultaneous_at(self.differences.mean(axis=0), self.after - 1)


def slopes(values: Floats) -> Floats:
    """The least squares slope on the rank of the member: [..., members, columns] to [..., columns].

    >>> slopes(np.array([[1.0], [3.0], [5.0]])).tolist()
    [2.0]
    """
    rank = np.arange(values.shape[-2]) - (values.shape[-2] - 1) / 2
    # From the first member on, so that equal members have a slope of 0, not one of rounding.
    beyond = values - values[..., :1, :]
    return np.asarray(np.einsum("m,...mk->...k", rank, beyond) / (rank**2).sum())


def split_differences(values: Floats) -> Floats:
    """The mean after each split minus that before it: [..., members] to [..., members - 1].

    >>> split_differences(np.array([0.0, 0.0, 6.0])).tolist()
    [3.0, 6.0]
    """
    members = values.shape[-1]
    beyond = values - values[..., :1]  # equal members differ by 0, not by rounding
    before = np.cumsum(beyond, axis=-1)[..., :-1]
    total = beyond.sum(axis=-1, keepdims=True)
    count = np.arange(1, members)
    return np.asarray((total - before) / (members - count) - before / count)


def trend(values: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> Trend:
    """The trend of each column of [units, members, columns], all columns tested together."""
    each = slopes(values)
    return Trend(each.mean(axis=0), each, mean_test(each, seed=seed, permutations=permutations))


def change_point(
    values: Floats, *, seed: int, permutations: int = PERMUTATIONS
) -> ChangePoint | None:
    """The change point of [units, members]; None where no split could be tested.

    p = share of draws whose largest |t| over splits reaches the largest seen: a trend without any
    step makes members before and after differ as well, so `stepped` is told beside `straight`.
    """
    differences = split_differences(values)
    tested = mean_test(differences, seed=seed, permutations=permutations)
    known = np.isfinite(tested.t) & np.isfinite(tested.p_max)
    if not known.any():
        return None
    after = int(np.argmax(np.where(known, np.abs(tested.t), -1.0))) + 1
    means = values.mean(axis=0)
    return ChangePoint(
        after, differences, tested, float(_stepped(means)[..., after - 1]), straight(means)
    )


def straight(means: Floats) -> float:
    """The share of the variance of means [members] that a straight line on the rank takes."""
    return float(_straight(np.asarray(means)))


def _straight(means: Floats) -> Floats:
    members = means.shape[-1]
    explained = slopes(means[..., None])[..., 0] ** 2 * members * (members**2 - 1) / 12
    return _share(explained, means)


def _stepped(means: Floats) -> Floats:
    """The share of the variance that a step at each split takes: [..., members - 1]."""
    members = means.shape[-1]
    count = np.arange(1, members)
    explained = split_differences(means) ** 2 * count * (members - count) / members
    return _share(explained, means[..., None, :])


def _share(explained: Floats, means: Floats) -> Floats:
    total = ((means - means.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    return np.asarray(np.where(total > 0, explained / np.where(total > 0, total, 1.0), 0.0))


def line_share(means: Floats) -> Floats:
    """The share of the variance that a straight line takes: [..., members] to [...]."""
    return _straight(means)


def share_of_orders(
    means: Floats, statistic: Callable[[Floats], Floats], *, seed: int, draws: int = 5_000
) -> float:
    """In how many orders of the members the statistic is as large as in theirs: 0..1.

    means: [members]. All orders where there are no more than `draws`, else so many at random with
    the order as it is among them.
    """
    drawn = np.stack(list(_orders(len(means), seed, draws)))
    found = statistic(means[drawn])
    return float((found >= statistic(means) - TIE).mean())


def _orders(members: int, seed: int, draws: int) -> Iterator[NDArray[np.int64]]:
    if factorial(members) <= draws:
        yield from (np.array(order) for order in arrangements(range(members)))
        return
    generator = np.random.default_rng(seed)
    yield np.arange(members)
    for _ in range(draws - 1):
        yield generator.permutation(members)
