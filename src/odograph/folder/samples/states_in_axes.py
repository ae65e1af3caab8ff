"""The states of chosen words in common axes, read a part of the vectors at a time."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from odograph.errors import StudyError
from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.folder.word_states import (
    word_states,
)
from odograph.statistics.space.projection import (
    Axes,
    principal_axes,
)

#: Axes of which coordinates are kept: those of the pictures.
DIMENSIONS = 3


COMPONENTS = 10


def coordinates(run: Run, words: Words, view: str, axes: Axes) -> Floats:
    """Every row in the first axes, [rows, L+1, 3]; 0 along an axis that is not there."""
    found = np.zeros((words.rows, run.blocks + 1, DIMENSIONS))
    count = min(DIMENSIONS, len(axes.directions))
    for rows, states in word_states(run, words, view):
        np.add.at(found[..., :count], rows, axes.coordinates(states)[..., :count])
    return np.asarray(found / words.counts[:, None, None])


def fitted_axes(run: Run, words: Words, view: str) -> Axes:
    """One fit for all layers and groups; groups, the units of a group and layers count the same."""
    layers = run.blocks + 1
    width = int(run.manifest["model"]["width"])

    def batches() -> Iterator[tuple[Floats, Floats]]:
        for rows, states in word_states(run, words, view):
            yield states.reshape(-1, width), np.repeat(words.weights[rows], layers)

    return principal_axes(batches, int(words.counts.sum()) * layers, width, COMPONENTS)


def held_by(run: Run, words: Words, view: str, axes: Axes) -> Axes:
    """Axes fitted to other states, with the variance of these and the shares of it that they hold.

    Both about the mean of these states, weighted as in a fit.
    """
    layers, width = run.blocks + 1, axes.directions.shape[1]
    weight, total, squares = 0.0, np.zeros(width), 0.0
    along = np.zeros((2, len(axes.directions)))
    for rows, states in word_states(run, words, view):
        each = words.weights[rows]
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
