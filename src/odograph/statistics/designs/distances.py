"""How far two groups of states stand apart in the full space, 0 on average where they do not.

A plain distance between two means is never 0 and grows with the length of the states. Here
products of a unit with itself are left out of |mean difference|^2, which makes it unbiased; its
signed square root is divided by the mean length of a state. Everything comes from products between
units (Gram matrices), one layer at a time.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import FEWEST_UNITS, Floats

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
        studentised: those divided by their standard errors: what is tested.
        resampled: of drawn units, relative: divided by their own mean length, [resamples].
        gram: products between units, of their differences where paired, [units, units]; empty
            without labels, or for more than 400 units.
    """

    squared: float
    length: float
    permuted: Floats
    studentised: Floats
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
        permuted = studentised = _flipped(gram, redrawn.labels)
        resampled = _within(gram, redrawn.first)
    else:
        states = np.concatenate([first, second])
        gram = states @ states.T
        own = np.repeat([1.0, 0.0], [len(first), len(second)])[None]
        squared = float(_apart(gram, own, 1 - own)[0])
        permuted = _apart(gram, redrawn.labels, 1 - redrawn.labels)
        studentised = divided(permuted, Errors(gram, redrawn.labels).all_units())
        padding = np.zeros((len(redrawn.first), len(second)))
        other = np.zeros((len(redrawn.second), len(first)))
        resampled = _apart(
            gram, np.hstack([redrawn.first, padding]), np.hstack([other, redrawn.second])
        )
    mean = (redrawn.first @ lengths[0] / max(1, len(first))) / 2
    mean = mean + (redrawn.second @ lengths[1] / max(1, len(second))) / 2
    kept = gram if len(gram) <= MOST_PRODUCTS and len(redrawn.labels) else gram[:0, :0]
    relative = _ratio(signed_root(resampled), mean)
    return LayerDistance(squared, length, permuted, studentised, relative, kept)


def signed_root(squared: Floats | float) -> Floats:
    """The square root with the sign of the number: -4 gives -2."""
    return np.asarray(np.sign(squared) * np.sqrt(np.abs(squared)))


def _flipped(gram: Floats, signs: Floats) -> Floats:
    """The mean product of two different units whose signs are turned: [draws, n] to [draws]."""
    n = len(gram)
    return _ratio(quadratic(gram, signs) - np.trace(gram), np.full(len(signs), n * (n - 1.0)))


def _within(gram: Floats, counts: Floats) -> Floats:
    """The mean product of two different units, each as often as drawn: [draws, n] to [draws]."""
    squares = counts**2
    pairs = counts.sum(axis=1) ** 2 - squares.sum(axis=1)
    return _ratio(quadratic(gram, counts) - squares @ np.diag(gram), pairs)


def _apart(gram: Floats, first: Floats, second: Floats) -> Floats:
    """The unbiased squared distance between two groups, each unit as often as drawn."""
    across = np.einsum("pn,pn->p", first @ gram, second)
    sizes = first.sum(axis=1) * second.sum(axis=1)
    return np.asarray(_within(gram, first) + _within(gram, second) - 2 * _ratio(across, sizes))


def quadratic(gram: Floats, rows: Floats) -> Floats:
    """The product of each row with itself through a Gram matrix: [draws, n] to [draws]."""
    return np.asarray(np.einsum("pn,pn->p", rows @ gram, rows))


def _ratio(above: Floats, below: Floats) -> Floats:
    found = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def divided(squared: Floats, error: Floats) -> Floats:
    """Squared distances in standard errors; 0 where all units are equal."""
    return np.divide(squared, error, out=np.zeros_like(squared), where=error > 0)


class Errors:
    """Standard errors of unbiased squared distances between two groups, where their means agree.

    The variance is 2 tr(S^2)/(n(n-1)) + 2 tr(T^2)/(m(m-1)) + 4 tr(ST)/(nm), S and T the covariances
    of the groups: traces are mean squares of the products of two different units, all units having
    been centred. Groups that differ in spread and in size are so compared fairly.

    Source: Chen & Qin 2010; Chung & Romano 2013 (studentised permutation).
    """

    def __init__(self, gram: Floats, first: Floats) -> None:
        centred = gram - gram.mean(axis=0) - gram.mean(axis=1)[:, None] + gram.mean()
        self.squares = centred**2
        np.fill_diagonal(self.squares, 0.0)
        self.first = first
        self.with_first = first @ self.squares
        self.inside = np.einsum("pn,pn->p", self.with_first, first)
        self.rows = self.squares.sum(axis=1)

    def all_units(self) -> Floats:
        """Under every relabelling: [permutations]."""
        n = self.first[0].sum() if len(self.first) else 0.0
        across = self.with_first.sum(axis=1) - self.inside
        return _error((self.inside, across, self.rows.sum()), n, len(self.rows) - n)

    def without(self, unit: int, stays: NDArray[np.int64]) -> Floats:
        """Without a unit, under those relabellings that leave it in its group."""
        own = bool(self.first[0, unit])
        n = self.first[0].sum() - own
        with_unit = self.with_first[stays, unit]
        across = self.with_first[stays].sum(axis=1) - self.inside[stays]
        inside = self.inside[stays] - (2 * with_unit if own else 0.0)
        across = across - (self.rows[unit] - with_unit if own else with_unit)
        whole = self.rows.sum() - 2 * self.rows[unit]
        return _error((inside, across, whole), n, len(self.rows) - 1 - n)


def _error(sums: tuple[Floats, Floats, float], n: float, m: float) -> Floats:
    """From sums over ordered pairs: inside the first group, across (one way), and of all."""
    inside, across, whole = sums
    other = whole - inside - 2 * across
    variance = 2 * inside / (n * (n - 1)) ** 2 + 2 * other / (m * (m - 1)) ** 2
    return np.asarray(np.sqrt(np.maximum(variance + 4 * across / (n * m) ** 2, 0)))
