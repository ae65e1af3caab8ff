"""The one judge of permutation tests: by layer, by the largest layer, by clusters of layers.

A design delivers a statistic under every permutation, [draws, layers], the first row as observed;
the judge counts how often chance reaches what was seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

#: Sums over the same numbers in another order may differ in the last digits: so near is equal.
TIE = 1e-9

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Cluster:
    """A run of neighbouring layers beyond the threshold: mass is the sum of the statistic, p its p.

    p says that the curves differ; it does not say that they begin or cease to differ here.
    """

    first_layer: int
    last_layer: int
    mass: float
    p: float


@dataclass(frozen=True, eq=False)
class Judged:
    """What the permutations say, p of every layer alone and among all: [L]; clusters by column."""

    p: Floats
    p_max: Floats
    clusters: tuple[Cluster, ...]


def cluster_columns(
    layer: NDArray[np.int64], clusters: Iterable[Cluster]
) -> dict[str, NDArray[np.int64] | Floats]:
    """Number and p of the cluster that each layer is in, [layers]; -1 and NaN outside clusters."""
    number, p = np.full(len(layer), -1, dtype=np.int64), np.full(len(layer), np.nan)
    for index, found in enumerate(clusters):
        inside = (layer >= found.first_layer) & (layer <= found.last_layer)
        number[inside], p[inside] = index, found.p
    return {"cluster": number, "p_cluster": p}


def judge(
    drawn: Floats,
    *,
    threshold: float | Floats = np.inf,
    tested: Mask | None = None,
    sided: int = 2,
    tie: float = TIE,
) -> Judged:
    """The p of each layer, that among all tested layers (max statistic), and the clusters.

    Args:
        drawn: the statistic, [draws, layers], the first row as observed.
        threshold: beyond which a layer joins a cluster, one or a layer's own [layers].
        tested: the layers of the family; all if None. The p of others is NaN.
        sided: 2 for the size of the statistic, 1 where only large values speak.
        tie: what may lack to a value that still counts as reached.

    Source: Nichols & Holmes 2002 (max statistic); Maris & Oostenveld 2007 (cluster mass).
    """
    family = np.ones(drawn.shape[1], dtype=bool) if tested is None else tested
    size = np.abs(drawn) if sided == 2 else drawn
    p, p_max = np.full((2, drawn.shape[1]), np.nan)
    p[family] = reached(size[:, family], size[0, family], tie)
    p_max[family] = largest_p(size[:, family], tie)
    beyond = np.where((size > np.maximum(threshold, 0.0)) & family, drawn, 0.0)
    return Judged(p, p_max, clusters_of(beyond, tie))


def reached(size: Floats, observed: Floats, tie: float = TIE) -> Floats:
    """The share of draws that reach what was observed: [draws, L] (or [draws, 1]), [L] to [L]."""
    return np.asarray((size >= observed - tie).mean(axis=0))


def largest_p(size: Floats, tie: float = TIE) -> Floats:
    """The p of each layer against the largest of all layers in each draw: [draws, L] to [L]."""
    if not size.shape[1]:
        return np.empty(0)
    return reached(size.max(axis=1)[:, None], size[0], tie)


def critical_size(size: Floats, level: float) -> float:
    """The size beyond which fewer than `level` of the draws reach: [draws, L]; p < level there.

    It is a draw's own, so that an interval of so many standard errors leaves 0 out exactly where
    `largest_p` is below the level; infinite where no size would be enough.
    """
    largest = np.sort(size.max(axis=1))[::-1]
    return float(largest[int(np.ceil(level * len(largest) - TIE)) - 1]) + TIE


def clusters_of(beyond: Floats, tie: float = TIE) -> tuple[Cluster, ...]:
    """Stretches of one sign in the first row, 0 ending one, against the heaviest of every row.

    beyond: [draws, L], 0 where a layer is not beyond the threshold. No more than one pass over all
    draws, and none where nothing was observed.
    """
    stretches = list(_stretches(beyond[0]))
    if not stretches:
        return ()
    largest = _heaviest(beyond)
    masses = [float(np.add.accumulate(beyond[0, first:end])[-1]) for first, end in stretches]
    return tuple(
        Cluster(first, end - 1, mass, float((largest >= abs(mass) - tie).mean()))
        for (first, end), mass in zip(stretches, masses, strict=True)
    )


def _stretches(row: Floats) -> Iterator[tuple[int, int]]:
    """First column and that after the last of each stretch of one sign."""
    edges = np.flatnonzero(np.diff(np.sign(row), prepend=0, append=0))
    for start, end in pairwise(edges.tolist()):
        if row[start]:
            yield start, end


def _heaviest(beyond: Floats) -> Floats:
    """The largest |sum| over a stretch of one sign in each row, 0 for none: [draws]."""
    largest = np.zeros(len(beyond))
    for sign in (1.0, -1.0):
        running = np.zeros(len(beyond))
        for column in sign * beyond.T:
            running = np.where(column > 0, running + column, 0.0)
            np.maximum(largest, running, out=largest)
    return largest


def at_layers(clusters: Iterable[Cluster], layers: NDArray[np.int64]) -> tuple[Cluster, ...]:
    """Clusters of columns as clusters of layers with these numbers."""
    return tuple(
        replace(c, first_layer=int(layers[c.first_layer]), last_layer=int(layers[c.last_layer]))
        for c in clusters
    )
