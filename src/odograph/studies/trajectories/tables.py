"""The tables of the trajectories."""

import numpy as np

from odograph.folder.axes import AXES_TABLE, PATHS_TABLE
from odograph.sentences.distances import max_test
from odograph.studies.result import Table
from odograph.studies.selection import Floats
from odograph.studies.tidy import Columns, stacked, tidy
from odograph.studies.trajectories.earlier import Earlier
from odograph.studies.trajectories.measured import Measured, View
from odograph.studies.trajectories.partings import Parting
from odograph.studies.trajectories.shares import Shares
from odograph.studies.trajectories.states import DIMENSIONS


def tables(measured: Measured) -> list[Table]:
    """Distances, shares, paths and axes, and the paths in the axes of an earlier run."""
    found = [
        Table(
            "trajectories_distances",
            f"Distances between groups by layer ({_LENGTHS})",
            stacked([_distances(measured, parting) for parting in measured.partings]),
        ),
        Table(
            "trajectories_scree",
            "Shares of variance by component, and what random walks and twins give",
            tidy(
                stacked([_scree(view) for view in measured.views]),
                n=measured.words.sizes[0] if measured.words.paired else measured.words.rows,
                excluded=measured.words.left_out,
                unit="share of variance",
                unit_of_inference=measured.words.unit,
            ),
        ),
        Table(
            PATHS_TABLE,
            "Paths of the groups through the common axes (model units): mean and sd of the words",
            stacked([_paths(measured, view.name, view.coordinates) for view in measured.views]),
        ),
        Table(
            AXES_TABLE,
            "The common axes: loading and mean of every dimension",
            stacked([_axes(view) for view in measured.views]),
        ),
    ]
    if measured.earlier is not None:
        found.append(_earlier(measured, measured.earlier))
    return found


_LENGTHS = "divided by the mean length of a state"


def _distances(measured: Measured, parting: Parting) -> Columns:
    profile, groups = parting.profile, measured.words.groups
    rows = len(profile.layer)
    region, p_region = np.full(rows, -1), np.full(rows, np.nan)
    for index, found in enumerate(profile.regions):
        region[found.first_layer : found.last_layer + 1] = index
        p_region[found.first_layer : found.last_layer + 1] = found.p
    twins = parting.twins
    columns = {
        "view": [parting.view] * rows,
        "first": [groups[parting.first]] * rows,
        "second": [groups[parting.second]] * rows,
        "layer": profile.layer,
        "n_first": np.full(rows, profile.n_first),
        "n_second": np.full(rows, profile.n_second),
        "squared": profile.squared,
        "distance": profile.distance,
        "low": profile.low,
        "high": profile.high,
        "permuted_low": profile.null_low,
        "permuted_high": profile.null_high,
        "p": profile.p,
        "p_max": profile.p_max,
        "cluster": region,
        "p_cluster": p_region,
        "family": np.full(rows, profile.family),
        "untrained": twins.mean(axis=0) if len(twins) else np.full(rows, np.nan),
        "untrained_low": twins.min(axis=0) if len(twins) else np.full(rows, np.nan),
        "untrained_high": twins.max(axis=0) if len(twins) else np.full(rows, np.nan),
        **order_columns(parting),
    }
    return tidy(
        columns,
        n=profile.n_first if measured.words.paired else profile.n_first + profile.n_second,
        excluded=measured.words.left_out,
        unit="mean lengths of a state",
        test=max_test(profile) if profile.family else "none: too few units",
        unit_of_inference=measured.words.unit,
    )


def order_columns(parting: Parting) -> Columns:
    """The distance in each random order of the texts."""
    return {f"shuffled_seed_{k}": order for k, order in enumerate(parting.orders, start=1)}


def _scree(view: View) -> Columns:
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


def _paths(measured: Measured, view: str, coordinates: Floats) -> Columns:
    words = measured.words
    means = measured.means(coordinates)
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


def _axes(view: View) -> Columns:
    directions = view.axes.directions[:DIMENSIONS]
    count, width = directions.shape
    return {
        "view": [view.name] * (count * width),
        "component": np.repeat(np.arange(1, count + 1), width),
        "dimension": np.tile(np.arange(width), count),
        "loading": directions.reshape(-1),
        "mean": np.tile(view.axes.mean, count),
    }


def _earlier(measured: Measured, earlier: Earlier) -> Table:
    parts = [_paths(measured, view.name, view.coordinates) for view in earlier.views]
    return Table(
        "trajectories_earlier_axes",
        "Paths of the groups through the axes of an earlier run (model units)",
        stacked(parts),
    )
