"""The humps of all values together and layer by layer, with and without those of some kinds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import FEWEST_UNITS, Floats
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.modes import RESAMPLES, Humps, humps
from odograph.statistics.student import holm

Ints = NDArray[np.int64]
#: Kinds of pairs: neither at position 0 nor with a sink; the first, whether it is a sink or not.
REST, FIRST, SINK = 0, 1, 2
_EVERY_LAYER = -1
# So many for each layer that, after Holm, p can be half of .05.
_RESAMPLES_A_LAYER = 40


@dataclass(frozen=True, eq=False)
class Layer:
    """The humps of one layer, or of all: of all values, and of the rest alone.

    Attributes:
        layer: which; -1 for all layers together.
        every, rest: the humps of all values, and of those of kind `REST`.
        p_every, p_rest: p after Holm, over the layers, or over the two tests on all layers.
        smaller: values in the smaller hump of all, [REST, FIRST, SINK].
        smaller_rest: values in the smaller hump of the rest.
    """

    layer: int
    every: Humps
    rest: Humps
    p_every: float
    p_rest: float
    smaller: tuple[int, int, int]
    smaller_rest: int

    @property
    def all_layers(self) -> bool:
        """Whether all layers are seen together."""
        return self.layer == _EVERY_LAYER


@dataclass(frozen=True, eq=False)
class Spread:
    """All values, arrays [n], and their humps.

    Attributes:
        angle: the values; finite.
        kind: of each, REST, FIRST or SINK.
        document: of each.
        together: the humps of all layers together.
        layers: those of each layer.
        twins: of each untrained twin, all layers together.
        twin_angles: the values of each, [n] finite.
        shares: share of each document's values that are in the smaller hump, all layers together.
    """

    angle: Floats
    kind: Ints
    document: Ints
    together: Layer
    layers: tuple[Layer, ...]
    twins: tuple[Humps, ...]
    twin_angles: tuple[Floats, ...]
    shares: Floats


@dataclass(frozen=True, eq=False)
class Values:
    """Values of all layers: arrays [n], with the kind of each, its document and its layer."""

    value: Floats
    kind: Ints
    document: Ints
    layer: Ints


def spread_of(values: Values, layers: int, twins: Sequence[Values], *, seed: int) -> Spread:
    """The humps of values at so many layers, and those of each twin.

    All layers together are resampled by documents with all their layers; so is each layer alone.
    """
    everywhere = np.ones(len(values.value), dtype=bool)
    resamples = max(RESAMPLES, _RESAMPLES_A_LAYER * layers)
    together = _look(_EVERY_LAYER, values, everywhere, seed, RESAMPLES)
    each = [_look(layer, values, values.layer == layer, seed, resamples) for layer in range(layers)]
    inside = _smaller(values.value, together.every.valley)
    _, place = np.unique(values.document, return_inverse=True)
    return Spread(
        values.value,
        values.kind,
        values.document,
        _corrected([together], across=True)[0],
        tuple(_corrected(each, across=False)),
        tuple(humps(twin.value, twin.document, seed=seed) for twin in twins),
        tuple(twin.value for twin in twins),
        np.bincount(place, inside) / np.bincount(place),
    )


def two_humps(found: Humps, p: float) -> bool:
    """Whether two humps are shown: p after Holm, and enough documents with a part in one."""
    return bool(p < ALPHA) and found.beyond >= FEWEST_UNITS


def _look(
    layer: int,
    values: Values,
    chosen: NDArray[np.bool_],
    seed: int,
    resamples: int,
) -> Layer:
    """The humps of the chosen values, p not yet corrected."""
    angle, kind, document = values.value, values.kind, values.document
    free = chosen & (kind == REST)
    every = humps(angle[chosen], document[chosen], seed=seed, resamples=resamples)
    rest = humps(angle[free], document[free], seed=seed, resamples=resamples)
    smaller = np.bincount(kind[chosen][_smaller(angle[chosen], every.valley)], minlength=3)
    return Layer(
        layer,
        every,
        rest,
        np.nan if every.p is None else every.p,
        np.nan if rest.p is None else rest.p,
        (int(smaller[REST]), int(smaller[FIRST]), int(smaller[SINK])),
        int(_smaller(angle[free], rest.valley).sum()),
    )


def _smaller(angle: Floats, valley: float) -> NDArray[np.bool_]:
    """Which values are in the hump that holds fewer; none where there is no valley."""
    if not np.isfinite(valley):
        return np.zeros(len(angle), dtype=bool)
    above = angle > valley
    return above if 2 * above.sum() <= len(angle) else ~above


def _corrected(found: list[Layer], *, across: bool) -> list[Layer]:
    """The same with p after Holm: `across` the two tests of a layer, or over the layers."""
    p = np.array([[one.p_every, one.p_rest] for one in found])
    adjusted = np.apply_along_axis(holm, 1 if across else 0, p)
    return [
        replace(one, p_every=float(every), p_rest=float(rest))
        for one, (every, rest) in zip(found, adjusted, strict=True)
    ]
