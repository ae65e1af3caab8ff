"""The paths in common axes, and whether their arcs are more than a random walk gives."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve
from odograph.figures.scree import Scree, draw_scree
from odograph.figures.trajectory import Path, draw_paths
from odograph.folder.axes import AXES_TABLE, PATHS_TABLE
from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.run_words import twin_null
from odograph.folder.samples.states_in_axes import DIMENSIONS, PLANE, Shares, View
from odograph.folder.selection import Floats
from odograph.folder.word_states import LENS, RAW, UNIT
from odograph.sentences.english import listed
from odograph.sentences.nulls import twins_label
from odograph.sentences.numbers import percent
from odograph.sentences.paths import Picture, picture_words
from odograph.studies.claim import Claim
from odograph.studies.curves import range_bands
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, stacked, tidy
from odograph.studies.trajectories.distances import in_title
from odograph.studies.trajectories.group_distance import STATES, defaults_of, views_of

_WALK = "one random walk with steps as long as those of the mean path, in axes of its own"
_ARCS = (
    "A random walk draws smooth arcs too, and the rest of the variance is not in the picture: the "
    "shape of a path there is no finding, so distances are taken in the full space."
)
_PICTURES = (
    (RAW, 2, "trajectories_plane"),
    (RAW, 3, "trajectories_space"),
    (UNIT, 2, "trajectories_unit"),
    (LENS, 2, "trajectories_lens"),
)


def picture(analysis: Analysis) -> Answer:
    """Paths in three views, and the shares of variance that their axes hold."""
    views = analysis.once(views_of)
    words = analysis.read(chosen_words)
    through = f"Paths of {quoted(words.groups)} through common axes"
    paths = [
        paths_plot(words, views[view], name, f"{through}{in_title(view)}", words.groups, count)
        for view, count, name in _PICTURES
    ]
    return Answer(
        [_claim(analysis, view) for view in views.values()],
        [*paths, _scree(analysis, views[RAW])],
        _tables(analysis),
        [_ARCS],
    )


def _claim(analysis: Analysis, view: View) -> Claim:
    """What is drawn, and whether the mean path is flatter than nulls are."""
    shares, run, defaults = view.shares, analysis.run, defaults_of(analysis)
    first, second = np.pad(shares.path[:PLANE], (0, PLANE))[:PLANE]
    drawn = np.pad(shares.states[:PLANE], (0, PLANE))[:PLANE]
    found = Picture(
        states=STATES[view.name],
        first=float(first),
        second=float(second),
        drawn=(float(drawn[0]), float(drawn[1])),
        blocks=run.blocks,
        width=int(run.manifest["model"]["width"]),
        walk=shares.plane,
        equal=float(shares.equal[:PLANE].sum()),
        limit=float(shares.limit[:PLANE].sum()),
        twins=shares.twins[:, :PLANE].sum(axis=1),
        sample=defaults.sample,
    )
    finding = defaults.finding_of(
        picture_words(found, halved=run.exploration is not None),
        found.plane,
        unit="share of variance",
        data={"drawn": float(drawn.sum())},
        show={"tab": "axes"},
    )
    return Claim(replace(finding, null=f"random walks with steps as long; {defaults.null}"))


def paths_plot(
    words: Words, view: View, name: str, title: str, groups: Sequence[str], count: int = 2
) -> Plot:
    """The paths through so many of the common axes, under the names of the groups."""
    ellipses = ", ellipses: two thirds of them" if count == 2 else ""
    shares = np.pad(view.axes.shares, (0, count))[:count]
    marks = f"single {words.unit}s"
    return Plot(
        name,
        title,
        f"Line: mean of each group from state 0 (ring) to {view.blocks} (cross), in the "
        "first axes of one fit to all words at all layers, which hold "
        f"{percent(shares.sum())} of the variance. "
        f"Pale marks: {marks}{ellipses}. Beside it, one random walk with steps as "
        "long, in its own axes: smooth arcs alone are no finding. Groups close here may be far "
        "apart in the full space.",
        _WALK,
        later(
            draw_paths,
            group_paths_of(words, view.coordinates, groups),
            title,
            [axis_label(k + 1, float(s)) for k, s in enumerate(shares)],
            walk=Path("one random walk, steps as long", view.shares.drawn),
        ),
    )


def group_paths_of(words: Words, coordinates: Floats, names: Sequence[str]) -> list[Path]:
    """The mean path of every group and its words in the first axes, [rows, L+1, 3], by name."""
    means = words.means(coordinates)
    return [
        Path(group, mean, coordinates[rows])
        for group, mean, rows in zip(names, means, words.slices, strict=True)
    ]


def axis_label(number: int, share: float) -> str:
    """An axis with the variance that it holds."""
    return f"PC{number} ({share:.0%} of variance)".replace("%", "\u00a0%")


def quoted(groups: Sequence[str]) -> str:
    """The groups in a title: "'her', 'him' and 'round'"."""
    return listed([f"'{group}'" for group in groups])


def _scree(analysis: Analysis, view: View) -> Plot:
    shares = view.shares
    components = np.arange(1, len(shares.states) + 1)
    width = analysis.run.manifest["model"]["width"]
    walk = Band(
        f"random walks, steps as long, in {width} dimensions (5-95 %)",
        components,
        shares.walk_low,
        shares.walk_high,
        shares.walk,
    )
    limit = Curve("endless random walk: 61, 15, 7, 4 % ...", components, shares.limit)
    screes = [
        Scree("the mean path of all groups", shares.path, [walk, *_twins(shares.twins)], limit),
        Scree("all words at all layers", shares.states, _twins(shares.twin_states)),
    ]
    title = "Share of variance by component"
    return Plot(
        "trajectories_scree",
        title,
        "Left: one path alone. Right: all words, which differ from each other as well. Where the "
        "path holds no more in its first components than a random walk, its arcs are no finding.",
        f"random walks with steps as long as those of the mean path; {twin_null(analysis.run)}",
        later(draw_scree, screes, Labels(title, "component", "share of variance (%)")),
    )


def _twins(shares: Floats) -> list[Band]:
    components = np.arange(1, shares.shape[1] + 1)
    return range_bands(twins_label(len(shares), "range of "), components, shares)


def _tables(analysis: Analysis) -> list[Table]:
    words, views = analysis.read(chosen_words), analysis.once(views_of).values()
    scree = tidy(
        stacked([_scree_columns(view) for view in views]),
        n=words.units,
        excluded=words.left_out,
        unit="share of variance",
        unit_of_inference=words.unit,
    )
    paths = stacked([path_columns(words, view.name, view.coordinates) for view in views])
    axes = stacked([_axes_columns(view) for view in views])
    return [
        Table(
            "trajectories_scree",
            "Shares of variance by component, and what random walks and twins give",
            scree,
        ),
        Table(
            PATHS_TABLE,
            "Paths of the groups through the common axes (model units): mean and sd of the words",
            paths,
        ),
        Table(AXES_TABLE, "The common axes: loading and mean of every dimension", axes),
    ]


def _scree_columns(view: View) -> Columns:
    shares = view.shares
    count = len(shares.states)
    return {
        "view": [view.name] * count,
        "component": np.arange(1, count + 1),
        "all_words": shares.states,
        "mean_path": shares.path,
        "walk_endless": shares.limit,
        "walk_equal_steps": shares.equal,
        "walk_own_steps": shares.walk,
        "walk_own_steps_low": shares.walk_low,
        "walk_own_steps_high": shares.walk_high,
        **_twin_shares(shares, count),
    }


def _twin_shares(shares: Shares, count: int) -> Columns:
    """A column each seed; all words of a twin were fitted in one view only, else NaN."""
    columns: Columns = {}
    for seed, twin in enumerate(shares.twins, start=1):
        columns[f"mean_path_untrained_seed_{seed}"] = twin
        known = seed <= len(shares.twin_states)
        columns[f"all_words_untrained_seed_{seed}"] = (
            shares.twin_states[seed - 1] if known else np.full(count, np.nan)
        )
    return columns


def path_columns(words: Words, view: str, coordinates: Floats) -> Columns:
    """The paths of the groups, a row a group and layer."""
    means = words.means(coordinates)
    spread = np.stack([coordinates[rows].std(axis=0) for rows in words.slices])
    groups, layers = means.shape[:2]
    each = groups * layers
    return {
        "view": [view] * each,
        "group": np.repeat(words.groups, layers),
        "number": np.repeat(np.arange(1, groups + 1), layers),
        "layer": np.tile(np.arange(layers), groups),
        "n": np.repeat(words.sizes, layers),
        **{f"pc{k + 1}": means[..., k].reshape(-1) for k in range(DIMENSIONS)},
        **{f"sd{k + 1}": spread[..., k].reshape(-1) for k in range(DIMENSIONS)},
    }


def _axes_columns(view: View) -> Columns:
    directions = view.axes.directions[:DIMENSIONS]
    count, width = directions.shape
    return {
        "view": [view.name] * (count * width),
        "component": np.repeat(np.arange(1, count + 1), width),
        "dimension": np.tile(np.arange(width), count),
        "loading": directions.reshape(-1),
        "mean": np.tile(view.axes.mean, count),
    }
