"""Values counted in fixed bins: which bin holds each, and what the counts say of all of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.measures.bins import Bins, EvenBins

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
#: The number of what is no number.
NO_BIN = np.iinfo(np.int32).min
#: Bits of a float32 below the four that count the sixteenths of an octave.
_SHIFT = 19
#: Where more bins than that lie between the least and the largest value, values are sorted.
_MOST_COUNTERS = 2**20


def bin_numbers(values: NDArray[np.float32], bins: Bins) -> Numbers:
    """The number of the bin that holds each value, larger for larger ones.

    `NO_BIN` for what is not finite.
    """
    finite = np.isfinite(values)
    known = values if finite.all() else np.where(finite, values, np.float32(0))
    if isinstance(bins, EvenBins):
        first, end = round(bins.low / bins.width), round(bins.high / bins.width)
        found = np.floor(known * np.float32(1 / bins.width))
        numbers = np.clip(found, first, end - 1).astype(np.int32)
    else:
        positive = np.ascontiguousarray(np.maximum(known, 0) + 0, np.float32)  # no -0
        numbers = positive.view(np.int32) >> _SHIFT
    if known is not values:
        numbers[~finite] = NO_BIN
    return numbers


def bin_edges(
    numbers: Ints, bins: Bins, joined: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where bins of these numbers begin and end; exact.

    joined: how many neighbouring bins are one, as `numbers // joined` makes them.
    """
    first, end = numbers * joined, (numbers + 1) * joined
    if isinstance(bins, EvenBins):
        low, high = ((n * bins.width).astype(np.float32) for n in (first, end))
        return low, high
    low, high = ((n.astype(np.int32) << _SHIFT).view(np.float32) for n in (first, end))
    return low, high


def counted(numbers: Numbers) -> tuple[Ints, Ints]:
    """The bins that hold a value, in order, and how many each of them holds."""
    known = numbers if numbers.size and numbers.min() != NO_BIN else numbers[numbers != NO_BIN]
    if not known.size:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    least = int(known.min())
    if int(known.max()) - least >= _MOST_COUNTERS:
        found, each = np.unique(known, return_counts=True)
        return found.astype(np.int64), each
    counts = np.bincount(known - least)
    held = np.flatnonzero(counts)
    return held + least, counts[held]


def counted_together(x: Numbers, y: Numbers, joined: int = 1) -> tuple[Ints, Ints, Ints]:
    """The pairs of bins that hold a token, ordered by x, then y, and how many each of them holds.

    Tokens that lack one of both values are left out. `joined` neighbouring bins are one.
    """
    both = (x != NO_BIN) & (y != NO_BIN)
    x, y = (x, y) if both.all() else (x[both], y[both])
    x, y = (x, y) if joined == 1 else (x // joined, y // joined)
    if not x.size:
        none = np.empty(0, np.int64)
        return none, none, none
    least, wide = int(y.min()), int(y.max() - y.min()) + 1
    cells, counts = counted((x - x.min()) * np.int32(wide) + (y - np.int32(least)))
    return cells // wide + int(x.min()), cells % wide + least, counts


def extreme_rows(
    values: NDArray[np.float32], numbers: Numbers, held: tuple[Ints, Ints], most: int
) -> tuple[Ints, Ints]:
    """The rows of the largest values and of the smallest, so many at most, the first one first.

    Of equal values the one that stands first counts first; what has no bin is left out.

    Args:
        values: of the rows.
        numbers: of the bins that hold them.
        held: what `counted` gives for the numbers.
        most: so many at either end.
    """
    bins, counts = held
    if not len(bins):
        return bins, bins
    enough = min(most, int(counts.sum()))
    above = bins[::-1][np.searchsorted(counts[::-1].cumsum(), enough)]
    below = bins[np.searchsorted(counts.cumsum(), enough)]
    large = np.flatnonzero(numbers >= above)
    small = np.flatnonzero((numbers <= below) & (numbers != NO_BIN))
    largest = large[np.argsort(-values[large], kind="stable")][:most]
    return largest, small[np.argsort(values[small], kind="stable")][:most]


@dataclass(frozen=True, eq=False)
class Counts:
    """A histogram: the bins that hold something, from below, and how many tokens each holds.

    Attributes:
        low, high: edges, [bins].
        tokens: [bins].
        words: of what it is the histogram.
    """

    low: Floats
    high: Floats
    tokens: Ints
    words: str = ""

    @property
    def total(self) -> int:
        """All tokens in it."""
        return int(self.tokens.sum())

    @property
    def width(self) -> float:
        """How wide the bin of the median token is."""
        middle = int(np.searchsorted(self.tokens.cumsum(), self.total / 2))
        return float(self.high[middle] - self.low[middle])

    def quantiles(self, shares: ArrayLike) -> Floats:
        """The values below which these shares of the tokens lie, right within one bin.

        Inside a bin tokens are taken to lie evenly.
        """
        reached, edges = self._rising()
        return np.asarray(np.interp(np.asarray(shares), reached, edges))

    def shares_below(self, values: ArrayLike) -> Floats:
        """The share of the tokens that lies below each value, as exact."""
        reached, edges = self._rising()
        return np.asarray(np.interp(np.asarray(values), edges, reached))

    def _rising(self) -> tuple[Floats, Floats]:
        """The share of the tokens below either edge of every bin, and these edges."""
        ends = self.tokens.cumsum()
        reached = np.stack([ends - self.tokens, ends], axis=1).ravel() / ends[-1]
        return reached, np.stack([self.low, self.high], axis=1).ravel()

    def within(self, edges: Floats) -> Ints:
        """How many tokens lie between neighbouring edges; beyond the outermost, in the ends.

        Tokens of a bin that an edge parts are shared out evenly.
        """
        shares = _overlaps(self.low, self.high, edges)
        below = np.rint(np.append(0, (self.tokens @ shares).cumsum()))
        return np.asarray(np.diff(below), np.int64)


@dataclass(frozen=True, eq=False)
class JointCounts:
    """A histogram of two measures: arrays over the cells that hold something.

    Attributes:
        x_low, x_high, y_low, y_high: their edges, [cells].
        tokens: [cells].
        words: of what it is the histogram.
    """

    x_low: Floats
    x_high: Floats
    y_low: Floats
    y_high: Floats
    tokens: Ints
    words: str = ""

    @property
    def x(self) -> Counts:
        """The histogram of the first measure."""
        return _added(self.x_low, self.x_high, self.tokens)

    @property
    def y(self) -> Counts:
        """The histogram of the second measure."""
        return _added(self.y_low, self.y_high, self.tokens)

    @property
    def turned(self) -> "JointCounts":
        """The same with x and y exchanged."""
        x, y = (self.x_low, self.x_high), (self.y_low, self.y_high)
        return JointCounts(*y, *x, self.tokens, self.words)

    def within(self, x: Floats, y: Floats) -> Floats:
        """How many tokens lie in each cell between these edges, [along x, along y].

        Beyond the outermost edges, in the ends; tokens of a parted cell are shared out evenly.
        """
        across, up = self.x, self.y
        table = np.zeros((len(across.low), len(up.low)))
        places = np.searchsorted(across.low, self.x_low), np.searchsorted(up.low, self.y_low)
        table[places] = self.tokens
        shared = _overlaps(across.low, across.high, x).T @ table
        return np.asarray(shared @ _overlaps(up.low, up.high, y))

    def running(self, stretches: int, shares: ArrayLike) -> tuple[Floats, Floats]:
        """Quantiles of y along x: the middle of each stretch, and its quantiles, [shares, ...].

        Stretches are whole bins of x, as few as hold an equal part of the tokens or more; what is
        left of them at the end belongs to the last.
        """
        across = self.x
        part = _stretches(across.tokens, across.total / stretches)
        middle, found = [], []
        for stretch in np.unique(part):
            own = part == stretch
            inside = np.isin(self.x_low, across.low[own])
            y = _added(self.y_low[inside], self.y_high[inside], self.tokens[inside])
            found.append(y.quantiles(shares))
            x = Counts(across.low[own], across.high[own], across.tokens[own])
            middle.append(float(x.quantiles(0.5)))
        return np.array(middle), np.array(found).T


def _stretches(tokens: Ints, least: float) -> Ints:
    """The stretch of each bin, from 0, each of at least so many tokens."""
    found, number, held = np.empty(len(tokens), np.int64), 0, 0
    for place, count in enumerate(tokens.tolist()):
        found[place], held = number, held + count
        if held >= least:
            number, held = number + 1, 0
    return np.minimum(found, max(0, number - 1))


def _added(low: Floats, high: Floats, tokens: Ints) -> Counts:
    """Counts of bins that may come several times."""
    bins, first, place = np.unique(low, return_index=True, return_inverse=True)
    total = np.zeros(len(bins), np.int64)
    np.add.at(total, place, tokens)
    return Counts(bins, high[first], total)


def _overlaps(low: Floats, high: Floats, edges: Floats) -> Floats:
    """The share of each bin that lies between neighbouring edges, [bins, edges - 1]."""
    ends = np.concatenate([[-np.inf], edges[1:-1], [np.inf]])
    inside = np.minimum(high[:, None], ends[1:]) - np.maximum(low[:, None], ends[:-1])
    return np.asarray(np.maximum(inside, 0) / (high - low)[:, None])
