"""The paths of the two groups in common axes, and how far they stand apart at every layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference
from odograph.figures.profiles import draw_profiles
from odograph.figures.trajectory import Path, draw_paths
from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.sentences.distances import LENGTHS, max_test
from odograph.statistics.space.projection import Axes
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.lemmas import group_words
from odograph.studies.nouns_adjectives.two_groups import (
    NO_LABELS,
    TwoGroups,
    defaults_of,
    read_groups,
)
from odograph.studies.phrases import twin_null
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, stacked, tidy
from odograph.studies.trajectories.distances import distance_panel, order_columns, with_orders
from odograph.studies.trajectories.group_distance import (
    GroupDistance,
    distance_claims,
    group_distances,
)
from odograph.studies.trajectories.picture import axis_label
from odograph.studies.trajectories.views import (
    RAW,
    UNIT,
    Shares,
    common_axes,
    coordinates,
    shares_of,
)
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
        distance: distance of the two groups in the full space.
        shares: of variance.
    """

    name: str
    axes: Axes
    means: Floats
    coordinates: Floats
    distance: GroupDistance
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
    means = words.means(found)
    (distance,) = group_distances(run, words, name)
    return PathView(name, axes, means, found, distance, shares_of(run, words, name, axes))


def paths(analysis: Analysis) -> Answer:
    """The paths of the kept words; where none were kept, the reason is a note."""
    groups, defaults = analysis.once(read_groups), defaults_of(analysis)
    try:
        found = read_paths(analysis.run, groups.tags)
    except StudyError as error:
        return Answer(notes=[f"No paths: {error}"])
    claims = [claim for view in found.views for claim in _claims(found, view, defaults)]
    plots = [*(_plot(groups, found, view) for view in found.views), _distances(groups, found)]
    shared = found.words.shared
    notes = [
        f"{shared} lemmas stand in both groups of the paths, though "
        "nothing is paired: their test is then rather too strict."
    ]
    return Answer(claims, plots, _tables(groups, found), notes if shared else [])


def _claims(paths: Paths, view: PathView, defaults: FindingDefaults) -> list[Claim]:
    """How far the paths stand apart in the full space."""
    first, second = paths.words.groups
    names = group_words(first), group_words(second)
    return distance_claims(paths.words, view.distance, names, VIEWS[view.name], defaults)


def _plot(groups: TwoGroups, paths: Paths, view: PathView) -> Plot:
    drawn = [
        Path(name, mean, view.coordinates[rows])
        for name, mean, rows in zip(groups.names, view.means, paths.words.slices, strict=True)
    ]
    shares = [*view.axes.shares[:2], 0.0, 0.0][:2]
    labels = [axis_label(axis, share) for axis, share in enumerate(shares, start=1)]
    title = f"Paths of {' and '.join(groups.names)} ({VIEWS[view.name]})"
    return Plot(
        f"nouns_adjectives_paths_{view.name}",
        title,
        f"Line: mean of each group from state 0 (ring) to {groups.run.blocks} (cross), in the "
        "first two axes of one fit to all words, groups and layers; pale marks: lemmas, ellipses: "
        "two thirds of them. Beside it, one random walk with steps as long: smooth arcs alone are "
        "no finding. Groups close here may be far apart in the full space.",
        "one random walk with steps as long as those of the mean path, in axes of its own",
        later(
            draw_paths,
            drawn,
            title,
            labels,
            walk=Path("one random walk, steps as long", view.shares.drawn),
        ),
    )


def _distances(groups: TwoGroups, paths: Paths) -> Plot:
    panels = [distance_panel(VIEWS[view.name], view.distance) for view in paths.views]
    title = f"Distance between {' and '.join(groups.names)} in the full space"
    return Plot(
        "nouns_adjectives_distances",
        title,
        "Noise-corrected distance between the two means, divided by the mean length of a state, "
        "with its 95 % interval: 0 on average where the groups do not differ.",
        with_orders(f"{NO_LABELS}; {twin_null(groups.run)}", paths.views[0].distance),
        later(
            draw_profiles,
            panels,
            Labels(title, "state", f"distance ({LENGTHS})"),
            references=[Reference("no difference", 0.0)],
        ),
    )


def _tables(groups: TwoGroups, paths: Paths) -> list[Table]:
    return [
        Table(
            "nouns_adjectives_distances",
            "Distance between the groups in the full space, divided by the mean length of a state",
            stacked([_distance(paths.words, view) for view in paths.views]),
        ),
        Table(
            "nouns_adjectives_paths",
            "Mean paths of the groups through the common axes",
            stacked([_path(groups, view) for view in paths.views]),
        ),
    ]


def _distance(words: Words, view: PathView) -> Columns:
    profile, twins = view.distance.profile, view.distance.twins
    rows = len(profile.layer)
    columns = {
        "view": [view.name] * rows,
        "layer": profile.layer,
        "distance": profile.distance,
        "low": profile.low,
        "high": profile.high,
        "permuted_low": profile.null_low,
        "permuted_high": profile.null_high,
        "p_max": profile.p_max,
        "n_first": np.full(rows, profile.n_first),
        "n_second": np.full(rows, profile.n_second),
        "untrained": twins.mean(axis=0) if len(twins) else np.full(rows, np.nan),
        **order_columns(view.distance),
    }
    return tidy(
        columns,
        n=profile.n_first + profile.n_second,
        excluded=words.left_out,
        unit="mean lengths of a state",
        test=max_test(profile) if profile.family else "none: too few units",
        family=profile.family,
        unit_of_inference=words.unit,
    )


def _path(groups: TwoGroups, view: PathView) -> Columns:
    count, layers, axes = view.means.shape
    return {
        "view": [view.name] * (count * layers),
        "group": np.repeat(groups.tags, layers),
        "layer": np.tile(np.arange(layers), count),
        **{f"pc{axis + 1}": view.means[..., axis].reshape(-1) for axis in range(axes)},
    }
