"""Principal axes of many states at once, from sums that are taken in one pass.

One fit for all layers and groups: axes that were fitted layer by layer could not be compared.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import StudyError
from odograph.statistics.intervals import Floats, floats

#: Points taken into the sums at once: 33 MB at a width of 4096.
_CHUNK = 1024

Batches = Callable[[], Iterable[tuple[Floats, Floats]]]


@dataclass(frozen=True, eq=False)
class Axes:
    """The first axes of a cloud of points, the first holding the most variance.

    Attributes:
        mean: the weighted mean of the points, [width].
        directions: orthonormal, [axes, width]; the entry of largest size is positive.
        shares: of the whole variance, one an axis, [axes].
        variance: the whole variance: the weighted mean squared distance from the mean.
    """

    mean: Floats
    directions: Floats
    shares: Floats
    variance: float

    def coordinates(self, points: ArrayLike) -> Floats:
        """Points [..., width] in these axes: [..., axes]."""
        return np.asarray((floats(points) - self.mean) @ self.directions.T)


class Sums:
    """Weighted sums of points and of their products, float64; memory is width squared.

    Products are taken about an origin near the mean, so that a mean far from 0 costs no digits.
    """

    def __init__(self, width: int) -> None:
        self.weight = 0.0
        self._origin: Floats | None = None
        self._sum = np.zeros(width)
        self._products = np.zeros((width, width))

    def add(self, points: ArrayLike, weights: ArrayLike) -> None:
        """Takes in points [n, width] with their weights [n]."""
        table, given = np.asarray(points), floats(weights)
        for start in range(0, len(table), _CHUNK):
            part = floats(table[start : start + _CHUNK])
            weight = given[start : start + _CHUNK]
            if self._origin is None:
                self._origin = part.mean(axis=0)
            moved = part - self._origin
            self.weight += float(weight.sum())
            self._sum += weight @ moved
            root = moved * np.sqrt(weight)[:, None]
            self._products += root.T @ root

    @property
    def mean(self) -> Floats:
        """The weighted mean, [width]."""
        origin = 0.0 if self._origin is None else self._origin
        return np.asarray(origin + self._sum / self.weight)

    @property
    def covariance(self) -> Floats:
        """The weighted covariance, [width, width]: divided by the whole weight."""
        moved = self._sum / self.weight
        return np.asarray(self._products / self.weight - np.outer(moved, moved))


def principal_axes(batches: Batches, points: int, width: int, axes: int) -> Axes:
    """The first axes of all points, each with its weight, read batch by batch.

    From the covariance [width, width], or, where there are fewer points than dimensions, from the
    singular values of the points themselves: the same axes with less work.

    Args:
        batches: gives points [n, width] and weights [n] >= 0, batch by batch.
        points: how many there are in all.
        width: of a point.
        axes: wanted; fewer come back where the points span fewer dimensions.

    Raises:
        StudyError: fewer than two points, points that are all the same, or one not finite.
    """
    if points < 2:
        raise StudyError("axes need points", expected="two or more", given=str(points))
    found = _by_points(batches, axes) if points < width else _by_sums(batches, width, axes)
    if not np.isfinite(found.variance) or not np.isfinite(found.directions).all():
        raise StudyError("a state is not a number", remedy="See not_a_number in the manifest.")
    return found


def _by_sums(batches: Batches, width: int, axes: int) -> Axes:
    sums = Sums(width)
    for points, weights in batches():
        sums.add(points, weights)
    covariance = sums.covariance
    variance = float(np.trace(covariance))
    if not np.isfinite(variance):
        return Axes(sums.mean, np.zeros((0, width)), np.zeros(0), variance)
    from scipy import linalg  # slow to import, and needed here only

    last = width - 1
    values, vectors = linalg.eigh(covariance, subset_by_index=[max(0, width - axes), last])
    return _axes(sums.mean, values[::-1], vectors.T[::-1], variance)


def _by_points(batches: Batches, axes: int) -> Axes:
    read = [(floats(points), floats(weights)) for points, weights in batches()]
    points = np.concatenate([p for p, _ in read])
    weights = np.concatenate([w for _, w in read])
    weights = weights / weights.sum()
    mean = weights @ points
    centred = (points - mean) * np.sqrt(weights)[:, None]
    variance = float((centred**2).sum())
    if not np.isfinite(variance):
        return Axes(mean, np.zeros((0, len(mean))), np.zeros(0), variance)
    _, singular, vectors = np.linalg.svd(centred, full_matrices=False)
    return _axes(mean, singular[:axes] ** 2, vectors[:axes], variance)


def _axes(mean: Floats, values: Floats, vectors: Floats, variance: float) -> Axes:
    """Axes that hold more than rounding, with their signs fixed."""
    scale = float(mean @ mean) + variance
    if not variance > 1e-14 * scale:
        raise StudyError("all states are the same", expected="states that differ")
    kept = values > 1e-12 * variance
    directions = vectors[kept]
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return Axes(mean, directions * signs[:, None], values[kept] / variance, variance)


def path_shares(path: ArrayLike) -> Floats:
    """The share of variance of every component of one path [..., states, width]: [..., states - 1].

    All 0 for a path that does not move.
    """
    points = floats(path)
    centred = points - points.mean(axis=-2, keepdims=True)
    return _shares(centred @ np.swapaxes(centred, -1, -2))


def walk_limit(components: int) -> Floats:
    """Shares of variance of an endless random walk in endless dimensions: 6 / (pi k)^2.

    .61 .15 .07 .04 ...; its coordinate along component k is half a cosine wave, k times.

    Source: Antognini & Sohl-Dickstein 2018.
    """
    return np.asarray(6 / (np.pi * np.arange(1, components + 1)) ** 2)


def walk_shares(steps: ArrayLike) -> Floats:
    """Exact shares of a walk of L steps of these lengths in endless dimensions: [L] to [L].

    The steps are orthogonal, so the states' products are cumulative sums of squared lengths; they
    are centred over the L + 1 states. With equal steps: 6 / (4 L (L + 2) sin(pi k / 2(L + 1))^2).
    """
    reached = np.append(0.0, np.cumsum(floats(steps) ** 2))
    products = np.minimum.outer(reached, reached)
    across = products - products.mean(axis=0)
    return _shares(across - across.mean(axis=1, keepdims=True))


def drawn_walk_shares(steps: ArrayLike, width: int, *, seed: int, draws: int) -> Floats:
    """Shares of drawn walks with steps of these lengths in `width` dimensions: [draws, L].

    Every step has an isotropic direction, independent of the others.
    """
    lengths, generator = floats(steps), np.random.default_rng(seed)
    return np.array([path_shares(_walk(lengths, width, generator)) for _ in range(draws)])


def drawn_walk(steps: ArrayLike, width: int, *, seed: int) -> Floats:
    """One drawn walk with steps of these lengths, [L + 1, width], from 0 on."""
    return _walk(floats(steps), width, np.random.default_rng(seed))


def _walk(lengths: Floats, width: int, generator: np.random.Generator) -> Floats:
    directions = generator.normal(size=(len(lengths), width))
    directions *= (lengths / np.linalg.norm(directions, axis=1))[:, None]
    return np.vstack([np.zeros(width), directions.cumsum(axis=0)])


def own_coordinates(path: ArrayLike, axes: int) -> Floats:
    """One path [states, width] in the first axes fitted to it alone: [states, axes].

    0 along an axis that it does not have.
    """
    centred = floats(path) - floats(path).mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    found = (left * singular)[:, :axes]
    return np.pad(found, ((0, 0), (0, axes - found.shape[1])))


def _shares(products: Floats) -> Floats:
    """Eigenvalues of centred products [..., n, n] as shares of their sum, without the empty one."""
    values = np.linalg.eigvalsh(products)[..., :0:-1].clip(min=0)
    total = values.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(values, total, out=np.zeros_like(values), where=total > 0))
