"""How far two groups of states stand apart in the full space, 0 on average where they do not.

A plain distance between two means is never 0 and grows with the length of the states. Here
products of a unit with itself are left out of |mean difference|^2, which makes it unbiased; its
signed square root is divided by the mean length of a state. Everything comes from products between
units (Gram matrices), one layer at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from odograph.statistics.intervals import FEWEST_UNITS, Floats
from odograph.statistics.leave_one_out import Left, Without, leave_one_out

PERMUTATIONS = 2_000
RESAMPLES = 1_999
#: So many units' products are kept for the test without one unit: 64 MB at 50 layers.
MOST_PRODUCTS = 400


@dataclass(frozen=True, eq=False)
class Redrawn:
    """How the units of two groups are relabelled and drawn again, the same at all layers.

    Attributes:
        paired: whether unit i of both groups is one sentence.
        labels: paired: signs [permutations, n], else membership of the first group in all units
            [permutations, n_first + n_second]; the first row is the labels as they are. No row
            where a group has fewer than 6 units.
        first, second: how often each unit is drawn, [resamples, n]; paired: both the same.
    """

    paired: bool
    labels: Floats
    first: Floats
    second: Floats


@dataclass(frozen=True, eq=False)
class LayerDistance:
    """The squared distance at one layer (float), relabelled and drawn again.

    Attributes:
        squared: unbiased; below 0 about every other time where the groups do not differ.
        length: the mean length of a state.
        permuted: the same under other labels, [permutations], the first as they are.
        resampled: of drawn units, relative: divided by their own mean length, [resamples].
        gram: products between units, of their differences where paired, [units, units]; empty
            without labels, or for more than 400 units.
    """

    squared: float
    length: float
    permuted: Floats
    resampled: Floats
    gram: Floats

    @property
    def relative(self) -> float:
        """The signed square root, in mean lengths of a state."""
        return float(signed_root(self.squared)) / self.length if self.length > 0 else float("nan")


def redraw(
    first: int,
    second: int,
    *,
    paired: bool,
    seed: int,
    permutations: int = PERMUTATIONS,
    resamples: int = RESAMPLES,
) -> Redrawn:
    """Labels and draws for two groups of so many units, from a seed.

    Paired, all 2^(n - 1) sign flips are taken where they are not more than `permutations`.
    """
    generator = np.random.default_rng(seed)
    tested = min(first, second) >= FEWEST_UNITS
    labels = _signs(first, permutations, generator) if paired else None
    if labels is None:
        labels = _memberships(first, second, permutations, generator)
    drawn = _counts(first, resamples, generator)
    other = drawn if paired else _counts(second, resamples, generator)
    return Redrawn(paired, labels if tested else labels[:0], drawn, other)


def observed_only(first: int, second: int, *, paired: bool) -> Redrawn:
    """No labels and no draws: for the distance alone."""
    units = first if paired else first + second
    return Redrawn(paired, *(np.empty((0, n)) for n in (units, first, second)))


def _signs(n: int, permutations: int, generator: np.random.Generator) -> Floats:
    # All signs turned give the same distance: the first unit keeps its sign.
    if 2 ** (n - 1) <= permutations:
        return np.array([(1.0, *rest) for rest in product((1.0, -1.0), repeat=n - 1)])
    drawn = generator.choice([1.0, -1.0], size=(permutations, n))
    drawn[0] = 1.0
    return drawn


def _memberships(
    first: int, second: int, permutations: int, generator: np.random.Generator
) -> Floats:
    own = np.repeat([1.0, 0.0], [first, second])
    drawn = generator.permuted(np.tile(own, (permutations, 1)), axis=1)
    drawn[0] = own
    return drawn


def _counts(n: int, resamples: int, generator: np.random.Generator) -> Floats:
    units = generator.integers(n, size=(resamples if n >= FEWEST_UNITS else 0, n))
    return np.array([np.bincount(row, minlength=n) for row in units], dtype=float).reshape(-1, n)


def layer_distance(first: Floats, second: Floats, redrawn: Redrawn) -> LayerDistance:
    """The distance between two groups of states [n, width] at one layer.

    Paired, with d the differences within sentences: (|sum d|^2 - sum |d|^2) / (n (n - 1)).
    Otherwise the mean product within the first group, plus that within the second, minus twice
    that across. NaN with fewer than two units in a group.
    """
    lengths = [np.linalg.norm(states, axis=1) for states in (first, second)]
    length = float(np.mean([each.mean() for each in lengths])) if len(first) else float("nan")
    if redrawn.paired:
        difference = first - second
        gram = difference @ difference.T
        squared = float(_within(gram, np.ones((1, len(gram))))[0])
        permuted = _flipped(gram, redrawn.labels)
        resampled = _within(gram, redrawn.first)
    else:
        states = np.concatenate([first, second])
        gram = states @ states.T
        own = np.repeat([1.0, 0.0], [len(first), len(second)])[None]
        squared = float(_apart(gram, own, 1 - own)[0])
        permuted = _apart(gram, redrawn.labels, 1 - redrawn.labels)
        padding = np.zeros((len(redrawn.first), len(second)))
        other = np.zeros((len(redrawn.second), len(first)))
        resampled = _apart(
            gram, np.hstack([redrawn.first, padding]), np.hstack([other, redrawn.second])
        )
    mean = (redrawn.first @ lengths[0] / max(1, len(first))) / 2
    mean = mean + (redrawn.second @ lengths[1] / max(1, len(second))) / 2
    kept = gram if len(gram) <= MOST_PRODUCTS and len(redrawn.labels) else gram[:0, :0]
    return LayerDistance(squared, length, permuted, _ratio(signed_root(resampled), mean), kept)


def signed_root(squared: Floats | float) -> Floats:
    """The square root with the sign of the number: -4 gives -2."""
    return np.asarray(np.sign(squared) * np.sqrt(np.abs(squared)))


def _flipped(gram: Floats, signs: Floats) -> Floats:
    """The mean product of two different units whose signs are turned: [draws, n] to [draws]."""
    n = len(gram)
    return _ratio(_quadratic(gram, signs) - np.trace(gram), np.full(len(signs), n * (n - 1.0)))


def _within(gram: Floats, counts: Floats) -> Floats:
    """The mean product of two different units, each as often as drawn: [draws, n] to [draws]."""
    squares = counts**2
    pairs = counts.sum(axis=1) ** 2 - squares.sum(axis=1)
    return _ratio(_quadratic(gram, counts) - squares @ np.diag(gram), pairs)


def _apart(gram: Floats, first: Floats, second: Floats) -> Floats:
    """The unbiased squared distance between two groups, each unit as often as drawn."""
    across = np.einsum("pn,pn->p", first @ gram, second)
    sizes = first.sum(axis=1) * second.sum(axis=1)
    return np.asarray(_within(gram, first) + _within(gram, second) - 2 * _ratio(across, sizes))


def _quadratic(gram: Floats, rows: Floats) -> Floats:
    return np.asarray(np.einsum("pn,pn->p", rows @ gram, rows))


def _ratio(above: Floats, below: Floats) -> Floats:
    found = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


#: From squared distances under other labels, [permutations, layers], the first row as they are.
PValueOf = Callable[[Floats], float]


def distances_without(grams: Floats, redrawn: Redrawn, p_of: PValueOf) -> Without:
    """The p and the mean distance (sign and order only) without each unit in turn.

    Paired, the signs of the others are as random as before. Otherwise those permutations are used
    that leave the unit in its own group: the labels of the others are then permuted freely, in
    groups of the right size. With 1,000 of them p = .05 is known to +- .007.

    Args:
        grams: products between units at every layer, [layers, units, units]: of the differences
            where paired, else of the first group's states and then the second's.
        redrawn: the labels.
        p_of: the test.
    """
    labels = redrawn.labels
    design = _Paired(grams, _fewer(labels)) if redrawn.paired else _Unpaired(grams, labels)
    return leave_one_out(design, p_of, lambda distance: float(distance.mean()))


def _fewer(signs: Floats) -> Floats:
    """Drawn flips: half of them do, as many as the labels that leave a unit in its group."""
    return signs[: PERMUTATIONS // 2] if len(signs) == PERMUTATIONS else signs


class _Paired:
    """Signs flipped within sentences."""

    def __init__(self, grams: Floats, signs: Floats) -> None:
        self.grams, self.signs = grams, signs
        self.units = int(grams.shape[1])
        #: Under every flip and at every layer, [draws, layers].
        self.whole = np.stack([_quadratic(gram, signs) for gram in grams], axis=1)
        self.own = np.einsum("luu->lu", grams)

    def without(self, unit: int) -> Left | None:
        """Distance and its square without a sentence; None for fewer than 6 that are left."""
        if self.units - 1 < FEWEST_UNITS:
            return None
        crossed = self.signs @ self.grams[:, :, unit].T * self.signs[:, unit, None]
        others = self.own.sum(axis=1) - self.own[:, unit]
        total = self.whole - 2 * crossed + self.own[:, unit] - others
        squared = total / ((self.units - 1) * (self.units - 2))
        return Left(signed_root(squared[0]), squared)


class _Unpaired:
    """Labels permuted over the units of both groups."""

    def __init__(self, grams: Floats, first: Floats) -> None:
        self.grams, self.first = grams, first
        self.units = int(grams.shape[1])
        self.sizes = first[0].sum(), (1 - first[0]).sum()
        self.own = np.einsum("luu->lu", grams)
        self.squares = first @ self.own.T
        self.inside = np.stack([_quadratic(gram, first) for gram in grams], axis=1)
        self.whole = grams.sum(axis=(1, 2))
        # (1 - f)'G(1 - f) = 1'G1 - 2 f'G1 + f'Gf
        self.other = self.whole - 2 * first @ grams.sum(axis=2).T + self.inside

    def _sizes(self, unit: int) -> tuple[float, float]:
        mine = self.first[0, unit]
        return self.sizes[0] - mine, self.sizes[1] - (1 - mine)

    def without(self, unit: int) -> Left | None:
        """Distance and its square without a unit, of draws that leave it in its group.

        None for fewer than 6 that are left in a group.
        """
        if min(self._sizes(unit)) < FEWEST_UNITS:
            return None
        stays = np.flatnonzero(self.first[:, unit] == self.first[0, unit])
        rows, own = self.grams[:, :, unit], self.own[:, unit]
        with_first = self.first[stays] @ rows.T
        with_other = rows.sum(axis=1) - with_first
        inside, other, squares = self.inside[stays], self.other[stays], self.squares[stays]
        across = (self.whole - inside - other) / 2
        if self.first[0, unit]:
            inside, across = inside - 2 * with_first + own, across - with_other
            squares = squares - own
        else:
            other, across = other - 2 * with_other + own, across - with_first
        n, m = self._sizes(unit)
        rest = self.own.sum(axis=1) - own - squares
        within = (inside - squares) / (n * (n - 1)) + (other - rest) / (m * (m - 1))
        squared = np.asarray(within - 2 * across / (n * m))
        return Left(signed_root(squared[0]), squared)
