"""What the findings, figures and tables of the trajectories are made of."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.space.projection import Axes
from odograph.studies.selection import Floats
from odograph.studies.trajectories.earlier import Earlier, earlier_axes
from odograph.studies.trajectories.partings import Parting, partings
from odograph.studies.trajectories.shares import Shares, fitted_axes, held_by, shares_of
from odograph.studies.trajectories.states import RAW, UNIT, VIEWS, coordinates
from odograph.studies.trajectories.words import Words, chosen_words


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


@dataclass(frozen=True, eq=False)
class Measured:
    """The words, their views and distances, and the axes of an earlier run where asked for."""

    run: Run
    words: Words
    views: Sequence[View]
    partings: Sequence[Parting]
    earlier: Earlier | None

    def view(self, name: str) -> View:
        """The view of that name."""
        return next(view for view in self.views if view.name == name)

    def means(self, values: Floats) -> Floats:
        """The mean of every group, [rows, ...] to [groups, ...]."""
        return np.stack([values[rows].mean(axis=0) for rows in self.words.slices])


def measure(run: Run) -> Measured:
    """Reads the run's vectors, a part or a layer of them at a time.

    Raises:
        StudyError: there are none, fewer than two groups have words, or the earlier run does not
            fit.
    """
    words = chosen_words(run)
    return Measured(
        run=run,
        words=words,
        views=[_view(run, words, name) for name in VIEWS],
        partings=[parting for name in (RAW, UNIT) for parting in partings(run, words, name)],
        earlier=earlier_axes(run, words),
    )


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


def _view(run: Run, words: Words, name: str) -> View:
    axes = common_axes(run, words, name)
    found = coordinates(run, words, name, axes)
    return View(name, axes, found, shares_of(run, words, name, axes))
