"""How far every two groups stand apart at every layer, in the model and in its nulls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.kept_words import Words, chosen_words, with_own_words
from odograph.folder.run import Run
from odograph.folder.samples.states_in_axes import View, read_view
from odograph.folder.selection import Floats
from odograph.folder.word_states import row_states
from odograph.statistics.designs.distance_profile import (
    Chosen,
    DistanceProfile,
    Span,
    chosen_region,
    distance_profile,
    largest_region,
    region_p,
    regions_of,
)
from odograph.statistics.designs.distances import (
    LayerDistance,
    Redrawn,
    layer_distance,
    observed_only,
    redraw,
)
from odograph.statistics.designs.distances_without import distances_without
from odograph.statistics.leave_one_out import Without

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class GroupDistance:
    """Two groups, by their numbers, in one view.

    Attributes:
        view, first, second: which.
        profile: the distance and its tests, layer by layer.
        twins: the distance in each untrained twin, [twins, L+1].
        orders: in each random order of the texts, [orders, L+1].
        chosen: the layers chosen on the first half; None of a whole run.
        names: of the units; paired, of the sentences.
        layers: the products that the tests are made of.
        redrawn: their labels.
    """

    view: str
    first: int
    second: int
    profile: DistanceProfile
    twins: Floats
    orders: Floats
    chosen: Chosen | None
    names: tuple[str, ...]
    layers: Sequence[LayerDistance]
    redrawn: Redrawn

    def without(self) -> Without:
        """The test by clusters without each unit."""
        return distances_without(_grams(self.layers), self.redrawn, self._smallest)

    def without_chosen(self) -> Without:
        """The test of the chosen layers without each unit."""
        if self.chosen is None:
            raise ValueError("the run was not halved")
        inside = self.layers[self.chosen.first_layer : self.chosen.last_layer + 1]
        return distances_without(_grams(inside), self.redrawn, self._corrected)

    def _smallest(self, permuted: Floats) -> float:
        found = regions_of(permuted, self.profile.comparisons)
        return min((region.p for region in found), default=1.0)

    def _corrected(self, permuted: Floats) -> float:
        return min(1.0, region_p(permuted) * self.profile.comparisons)


def group_distances(run: Run, words: Words, view: str) -> list[GroupDistance]:
    """Every pair of groups, tested as one family of pairs and layers."""
    drawn = {pair: _redrawn(run, words, pair) for pair in words.pairs}
    found = _by_layer(run, words, view, drawn)
    twins = [_distances(*twin, view) for twin in with_own_words(run.untrained, words)]
    orders = [_distances(*order, view) for order in with_own_words(run.shuffled, words)]
    explored = None if run.exploration is None else _explored(run.exploration, words, view)
    parts = []
    for pair in words.pairs:
        sizes = _sizes(words, pair)
        profile = distance_profile(found[pair], drawn[pair], sizes, comparisons=len(words.pairs))
        chosen = None
        if explored is not None:
            span, units = explored.get(pair, (None, 0))
            chosen = chosen_region(found[pair], span, profile, units)
        nulls = [_stacked([one[pair] for one in null], run) for null in (twins, orders)]
        parts.append(
            GroupDistance(
                view,
                *pair,
                profile=profile,
                twins=nulls[0],
                orders=nulls[1],
                chosen=chosen,
                names=_names(words, pair),
                layers=found[pair],
                redrawn=drawn[pair],
            )
        )
    return parts


def _grams(layers: Sequence[LayerDistance]) -> Floats:
    return np.stack([layer.gram for layer in layers])


def _names(words: Words, pair: Pair) -> tuple[str, ...]:
    first, second = (words.names[words.slices[group]] for group in pair)
    return first if words.paired else (*first, *second)


def _stacked(curves: Sequence[Floats], run: Run) -> Floats:
    return np.array(curves).reshape(-1, run.blocks + 1)


def _explored(half: Run, words: Words, view: str) -> dict[Pair, tuple[Span | None, int]]:
    """The largest region of every pair in the exploration half, and its units; {} without words."""
    try:
        own = chosen_words(half)
    except StudyError:
        return {}
    if own.groups != words.groups:
        return {}
    drawn = {
        pair: redraw(*_sizes(own, pair), paired=own.paired, seed=half.seed, resamples=0)
        for pair in own.pairs
    }
    found = _by_layer(half, own, view, drawn)
    return {pair: (largest_region(layers), _units(own, pair)) for pair, layers in found.items()}


def _units(words: Words, pair: Pair) -> int:
    first, second = _sizes(words, pair)
    return first if words.paired else first + second


def _sizes(words: Words, pair: Pair) -> tuple[int, int]:
    return words.sizes[pair[0]], words.sizes[pair[1]]


def _redrawn(run: Run, words: Words, pair: Pair) -> Redrawn:
    return redraw(*_sizes(words, pair), paired=words.paired, seed=run.seed)


def _distances(run: Run, words: Words, view: str) -> dict[Pair, Floats]:
    """The distance alone of every pair in a twin or a random order, [L+1]."""
    plain = {pair: observed_only(*_sizes(words, pair), paired=words.paired) for pair in words.pairs}
    found = _by_layer(run, words, view, plain)
    return {pair: np.array([layer.relative for layer in own]) for pair, own in found.items()}


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


@dataclass(frozen=True, eq=False)
class GroupPaths:
    """The words whose states were kept, their views, and the distance of the groups in each."""

    words: Words
    views: Sequence[View]
    distances: Sequence[GroupDistance]


def read_group_paths(run: Run, groups: tuple[str, str], views: Sequence[str]) -> GroupPaths:
    """The paths of the kept words of both groups.

    Raises:
        StudyError: no states were kept, or those of more groups than two.
    """
    words = chosen_words(run)
    if words.groups != groups:
        raise StudyError(
            "paths of two groups",
            expected=" and ".join(groups),
            given=", ".join(words.groups),
            remedy="Do the study trajectories.",
        )
    distances = [one for name in views for one in group_distances(run, words, name)]
    return GroupPaths(words, [read_view(run, words, name) for name in views], distances)
