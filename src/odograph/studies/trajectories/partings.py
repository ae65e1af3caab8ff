"""How far every two groups stand apart at every layer, in the model and in its twins."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from odograph.run.results import Run
from odograph.statistics.distance_profile import DistanceProfile, distance_profile
from odograph.statistics.distances import (
    LayerDistance,
    Redrawn,
    layer_distance,
    observed_only,
    redraw,
)
from odograph.studies.selection import Floats
from odograph.studies.trajectories.states import row_states
from odograph.studies.trajectories.words import Words

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Parting:
    """Two groups, by their numbers, in one view; `twins`: their distance in each, [twins, L+1]."""

    view: str
    first: int
    second: int
    profile: DistanceProfile
    twins: Floats


def partings(run: Run, words: Words, view: str) -> list[Parting]:
    """Every pair of groups, tested as one family of pairs and layers."""
    drawn = {pair: _redrawn(run, words, pair) for pair in words.pairs}
    found = _by_layer(run, words, view, drawn)
    plain = {pair: _undrawn(words, pair) for pair in words.pairs}
    twins = [_by_layer(twin, words, view, plain) for twin in run.untrained]
    return [
        Parting(
            view,
            *pair,
            distance_profile(
                found[pair], drawn[pair], _sizes(words, pair), comparisons=len(words.pairs)
            ),
            np.array([[layer.relative for layer in twin[pair]] for twin in twins]).reshape(
                -1, run.blocks + 1
            ),
        )
        for pair in words.pairs
    ]


def _sizes(words: Words, pair: Pair) -> tuple[int, int]:
    return words.sizes[pair[0]], words.sizes[pair[1]]


def _redrawn(run: Run, words: Words, pair: Pair) -> Redrawn:
    return redraw(*_sizes(words, pair), paired=words.paired, seed=int(run.manifest["seed"]))


def _undrawn(words: Words, pair: Pair) -> Redrawn:
    return observed_only(*_sizes(words, pair), paired=words.paired)


def _by_layer(
    run: Run, words: Words, view: str, redrawn: Mapping[Pair, Redrawn]
) -> dict[Pair, list[LayerDistance]]:
    """The distances of all pairs, with the states of one layer at a time in memory."""
    found: dict[Pair, list[LayerDistance]] = {pair: [] for pair in redrawn}
    for layer in range(run.blocks + 1):
        states = row_states(run, words, view, layer)
        for (first, second), own in redrawn.items():
            a, b = states[words.slices[first]], states[words.slices[second]]
            found[first, second].append(layer_distance(a, b, own))
    return found
