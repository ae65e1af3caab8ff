"""The states of chosen words in common axes, read a part of the vectors at a time."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.kept_words import Words, chosen_words, with_own_words
from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.folder.word_states import (
    RAW,
    group_paths,
    word_states,
)
from odograph.statistics.intervals import band
from odograph.statistics.space.projection import (
    Axes,
    drawn_walk,
    drawn_walk_shares,
    own_coordinates,
    path_shares,
    principal_axes,
    walk_limit,
    walk_shares,
)

#: Axes of which coordinates are kept: those of the pictures.
DIMENSIONS = 3


COMPONENTS = 10


def coordinates(run: Run, words: Words, view: str, axes: Axes) -> Floats:
    """Every row in the first axes, [rows, L+1, 3]; 0 along an axis that is not there."""
    found = np.zeros((words.rows, run.blocks + 1, DIMENSIONS))
    count = min(DIMENSIONS, len(axes.directions))
    for rows, shares, states in word_states(run, words, view):
        placed = axes.coordinates(states)[..., :count]
        np.add.at(found[..., :count], rows, shares[:, None, None] * placed)
    return found


def fitted_axes(run: Run, words: Words, view: str) -> Axes:
    """One fit for all layers and groups; groups, the units of a group and layers count the same."""
    layers = run.blocks + 1
    width = int(run.manifest["model"]["width"])

    def batches() -> Iterator[tuple[Floats, Floats]]:
        for rows, shares, states in word_states(run, words, view):
            yield states.reshape(-1, width), np.repeat(words.weights[rows] * shares, layers)

    return principal_axes(batches, words.words * layers, width, COMPONENTS)


def held_by(run: Run, words: Words, view: str, axes: Axes) -> Axes:
    """Axes fitted to other states, with the variance of these and the shares of it that they hold.

    Both about the mean of these states, weighted as in a fit.
    """
    layers, width = run.blocks + 1, axes.directions.shape[1]
    weight, total, squares = 0.0, np.zeros(width), 0.0
    along = np.zeros((2, len(axes.directions)))
    for rows, shares, states in word_states(run, words, view):
        each = words.weights[rows] * shares
        moved = states - axes.mean
        placed = moved @ axes.directions.T
        weight += float(each.sum()) * layers
        total += np.einsum("w,wlx->x", each, moved)
        squares += float(np.einsum("w,wlx,wlx->", each, moved, moved))
        along += np.stack([np.einsum("w,wlk->k", each, placed**n) for n in (1, 2)])
    centre = total / weight
    variance = squares / weight - float(centre @ centre)
    held = along[1] / weight - (along[0] / weight) ** 2
    return Axes(axes.mean, axes.directions, held / variance, variance)


def common_axes(run: Run, words: Words, view: str) -> Axes:
    """One fit to all words at all layers: of a halved run, to those of its first half.

    `variance` and `shares` are of the words given. Where the first half lacks a group, its axes
    would not be common: the words' own are taken.
    """
    if run.exploration is not None:
        with suppress(StudyError):
            half = chosen_words(run.exploration)
            if half.groups == words.groups:
                return held_by(run, words, view, fitted_axes(run.exploration, half, view))
    return fitted_axes(run, words, view)


#: The plane of the pictures: the components whose shares are held against the walk's.
PLANE = 2


_WALKS = 500


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of variance by component, each [components].

    Attributes:
        states: of all words at all layers.
        path: of one path alone, the mean of all groups.
        limit, equal: of an endless walk; of one with L steps of one length.
        walk, walk_low, walk_high: of a walk whose steps are as long as those of `path`: in endless
            dimensions, and 5 to 95 % of drawn walks in the dimensions that the model has.
        plane: 5 to 95 % of what the first two components of drawn walks hold together.
        twins: as `path`, of each untrained twin, [twins, components].
        twin_states: as `states`, of each twin in the view of raw states.
        drawn: one drawn walk in its own first three axes, [L+1, 3].
    """

    states: Floats
    path: Floats
    limit: Floats
    equal: Floats
    walk: Floats
    walk_low: Floats
    walk_high: Floats
    plane: tuple[float, float]
    twins: Floats
    twin_states: Floats
    drawn: Floats


def shares_of(run: Run, words: Words, view: str, axes: Axes) -> Shares:
    """The shares of a view, with those of walks and twins."""
    path = group_paths(run, words, view).mean(axis=0)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    shown = min(COMPONENTS, run.blocks)
    seed = run.seed
    drawn = drawn_walk_shares(steps, path.shape[1], seed=seed, draws=_WALKS)
    low, high = band(drawn[:, :shown])
    plane = band(drawn[:, :PLANE].sum(axis=1))
    beside = with_own_words(run.untrained, words)
    twins = [group_paths(*twin, view).mean(axis=0) for twin in beside]
    fits = [fitted_axes(*twin, view) for twin in beside if view == RAW]
    return Shares(
        states=_first(axes.shares, shown),
        path=_first(path_shares(path), shown),
        limit=walk_limit(shown),
        equal=_first(walk_shares(np.ones(run.blocks)), shown),
        walk=_first(walk_shares(steps), shown),
        walk_low=low,
        walk_high=high,
        plane=(float(plane[0]), float(plane[1])),
        twins=_rows([path_shares(twin) for twin in twins], shown),
        twin_states=_rows([fit.shares for fit in fits], shown),
        drawn=own_coordinates(drawn_walk(steps, path.shape[1], seed=seed), DIMENSIONS),
    )


def _first(shares: Floats, count: int) -> Floats:
    """The first shares; components that are not there hold nothing."""
    return np.pad(shares[:count], (0, max(0, count - len(shares))))


def _rows(shares: Sequence[Floats], count: int) -> Floats:
    return np.array([_first(each, count) for each in shares]).reshape(-1, count)


@dataclass(frozen=True, eq=False)
class View:
    """One view of the states in its own axes.

    Attributes:
        name: `raw`, `unit` or `lens`.
        axes: fitted to all words at all layers.
        coordinates: of the rows in the first three of them, [rows, L+1, 3].
        shares: of variance by component.
    """

    name: str
    axes: Axes
    coordinates: Floats
    shares: Shares

    @property
    def blocks(self) -> int:
        """L."""
        return int(self.coordinates.shape[1]) - 1


def read_view(run: Run, words: Words, name: str) -> View:
    """One view of the words in common axes."""
    axes = common_axes(run, words, name)
    found = coordinates(run, words, name, axes)
    return View(name, axes, found, shares_of(run, words, name, axes))
