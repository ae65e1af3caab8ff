"""The states of the chosen words in three views, in common axes, and the variance these hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.folder.kept_words import Words, chosen_words, with_own_words
from odograph.folder.run import Run
from odograph.folder.samples.states_in_axes import (
    COMPONENTS,
    DIMENSIONS,
    common_axes,
    coordinates,
    fitted_axes,
)
from odograph.folder.selection import Floats
from odograph.folder.word_states import (
    LENS,
    RAW,
    READ_UNITS,
    UNIT,
    VIEWS,
    group_paths,
)
from odograph.measures import CENTRED, TRIMMED
from odograph.statistics.intervals import band
from odograph.statistics.space.projection import (
    Axes,
    drawn_walk,
    drawn_walk_shares,
    own_coordinates,
    path_shares,
    walk_limit,
    walk_shares,
)
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import outliers_of
from odograph.studies.section import Analysis

#: What the states of a view are, in a sentence.
STATES = {
    RAW: "states",
    UNIT: "states scaled to length 1",
    LENS: "states after the final norm",
}

STATES |= {
    READ_UNITS[TRIMMED]: f"{STATES[UNIT]}, without outlier coordinates",
    READ_UNITS[CENTRED]: f"{STATES[UNIT]}, about the mean state",
}


def unit_readings(run: Run) -> tuple[str, ...]:
    """The readings of the unit view beside the raw one.

    None without outlier coordinates, or where the pilot's states are not those of the stream.
    """
    if run.manifest["convention"] != "stream" or not outliers_of(run).coordinates:
        return ()
    return tuple(run.manifest["pilot"]["readings"])


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


def words_of(analysis: Analysis) -> Words:
    """The words that are compared.

    Raises:
        StudyError: no states were kept, or fewer than two groups have words.
    """
    return chosen_words(analysis.run)


def views_of(analysis: Analysis) -> dict[str, View]:
    """Every view by its name, read a part of the vectors at a time."""
    words = analysis.once(words_of)
    return {name: read_view(analysis.run, words, name) for name in VIEWS}


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    words = analysis.once(words_of)
    return analysis.defaults_over(words.units, excluded=words.left_out, of=words.unit)


def read_view(run: Run, words: Words, name: str) -> View:
    """One view of the words in common axes."""
    axes = common_axes(run, words, name)
    found = coordinates(run, words, name, axes)
    return View(name, axes, found, shares_of(run, words, name, axes))
