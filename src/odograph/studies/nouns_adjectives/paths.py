"""The paths of the two groups in common axes, and how far they stand apart at every layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.space.projection import Axes
from odograph.studies.selection import Floats
from odograph.studies.trajectories.measured import common_axes
from odograph.studies.trajectories.partings import Parting, partings
from odograph.studies.trajectories.shares import Shares, shares_of
from odograph.studies.trajectories.states import RAW, UNIT, coordinates
from odograph.studies.trajectories.words import Words, chosen_words

VIEWS = {RAW: "states as they are", UNIT: "states scaled to length 1"}


@dataclass(frozen=True, eq=False)
class PathView:
    """One view of the paths.

    Attributes:
        name: `raw` or `unit`.
        axes: fitted to all words, groups and layers at once.
        means: of each group in the first three axes, [2, L+1, 3].
        coordinates: of every lemma, [lemmas, L+1, 3].
        parting: distance of the two groups in the full space.
        shares: of variance.
    """

    name: str
    axes: Axes
    means: Floats
    coordinates: Floats
    parting: Parting
    shares: Shares


@dataclass(frozen=True, eq=False)
class Paths:
    """The words whose states were kept, and their views."""

    words: Words
    views: Sequence[PathView]


def read_paths(run: Run, groups: tuple[str, str]) -> Paths:
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
    return Paths(words, [_view(run, words, name) for name in VIEWS])


def _view(run: Run, words: Words, name: str) -> PathView:
    axes = common_axes(run, words, name)
    found = coordinates(run, words, name, axes)
    means = np.stack([found[rows].mean(axis=0) for rows in words.slices])
    (parting,) = partings(run, words, name)
    return PathView(name, axes, means, found, parting, shares_of(run, words, name, axes))
