"""The pictures of the trajectories."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, Reference
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.figures.scree import Scree, draw_scree
from odograph.figures.trajectory import Path, draw_paths
from odograph.sentences.distances import LENGTHS, family_words
from odograph.sentences.names import name_of_test
from odograph.studies.phrases import capital, twin_null
from odograph.studies.random_order import orders_words
from odograph.studies.result import Plot
from odograph.studies.selection import Floats
from odograph.studies.trajectories.earlier import Earlier
from odograph.studies.trajectories.findings import names_of
from odograph.studies.trajectories.measured import Measured, View
from odograph.studies.trajectories.partings import Parting
from odograph.studies.trajectories.states import LENS, RAW, STATES, UNIT

_WALK = "one random walk with steps as long as those of the mean path, in axes of its own"
_NO_LABELS = "labels of the groups permuted, 5-95 %"
#: Pairs of groups that are drawn beside each other; the table has all.
_PANELS = 4


def plots(measured: Measured) -> list[Plot]:
    """All pictures, the plane of the raw states first."""
    found = [
        _paths(measured, measured.view(RAW), 2, "trajectories_plane"),
        _paths(measured, measured.view(RAW), 3, "trajectories_space"),
        _distances(measured, RAW),
        _distances(measured, UNIT),
        _scree(measured, measured.view(RAW)),
        _paths(measured, measured.view(UNIT), 2, "trajectories_unit"),
        _paths(measured, measured.view(LENS), 2, "trajectories_lens"),
    ]
    if measured.earlier is not None:
        found.append(_earlier(measured, measured.earlier))
    return found


def _axis(number: int, share: float) -> str:
    return f"PC{number} ({share:.0%} of variance)".replace("%", "\u00a0%")


def _paths(measured: Measured, view: View, count: int, name: str) -> Plot:
    groups = measured.words.groups
    drawn = [
        Path(group, mean, view.coordinates[rows])
        for group, mean, rows in zip(
            groups, measured.means(view.coordinates), measured.words.slices, strict=True
        )
    ]
    shares = np.pad(view.axes.shares, (0, count))[:count]
    title = f"Paths of {_listed(groups)} through common axes{_in_title(view.name)}"
    held = f"{shares.sum():.0%}".replace("%", " %")
    return Plot(
        name,
        title,
        f"Line: mean of each group from state 0 (ring) to {measured.run.blocks} (cross), in the "
        f"first axes of one fit to all words at all layers, which hold {held} of the variance. "
        f"Pale marks: single words{_ellipses(count)}. Beside it, one random walk with steps as "
        "long, in its own axes: smooth arcs alone are no finding. Groups close here may be far "
        "apart in the full space.",
        _WALK,
        later(
            draw_paths,
            drawn,
            title,
            [_axis(k + 1, float(s)) for k, s in enumerate(shares)],
            walk=_walk(view),
        ),
    )


def _walk(view: View) -> Path:
    return Path("one random walk, steps as long", view.shares.drawn)


def _in_title(view: str) -> str:
    return "" if view == RAW else f" ({STATES[view]})"


def _ellipses(count: int) -> str:
    return ", ellipses: two thirds of them" if count == 2 else ""


def _listed(groups: Sequence[str]) -> str:
    quoted = [f"'{group}'" for group in groups]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _scree(measured: Measured, view: View) -> Plot:
    shares = view.shares
    components = np.arange(1, len(shares.states) + 1)
    width = measured.run.manifest["model"]["width"]
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
        f"random walks with steps as long as those of the mean path; {twin_null(measured.run)}",
        later(draw_scree, screes, Labels(title, "component", "share of variance (%)")),
    )


def _twins(shares: Floats) -> list[Band]:
    if not len(shares):
        return []
    components = np.arange(1, shares.shape[1] + 1)
    label = _range_of(len(shares))
    return [Band(label, components, shares.min(axis=0), shares.max(axis=0), shares.mean(axis=0))]


def _range_of(seeds: int) -> str:
    return "untrained twin (1 seed)" if seeds == 1 else f"untrained twins (range of {seeds} seeds)"


def _distances(measured: Measured, view: str) -> Plot:
    found = [parting for parting in measured.partings if parting.view == view]
    title = f"Distance between groups in the full space{_in_title(view)}"
    profile = found[0].profile
    tested = "no test: too few units"
    if profile.family:
        tested = f"{name_of_test(profile.test)}; family of {family_words(profile)}"
    drawn = [distance_panel(names_of(measured, p), p) for p in found[:_PANELS]]
    left = f" Drawn are the first {_PANELS} of {len(found)} pairs." if len(found) > _PANELS else ""
    return Plot(
        f"trajectories_distances_{view}",
        title,
        "Noise-corrected distance between the means of two groups, divided by the mean length of a "
        "state, with its 95 % interval (bootstrap): 0 on average where the groups do not differ. "
        f"{capital(tested)}.{left}",
        with_orders(f"{_NO_LABELS}; {twin_null(measured.run)}", found[0]),
        later(
            draw_profiles,
            drawn,
            Labels(title, "state", f"distance ({LENGTHS})"),
            references=[] if profile.family else [Reference("no difference", 0.0)],
        ),
    )


def with_orders(null: str, parting: Parting) -> str:
    """A caption's null, and the random orders after it where they are shown."""
    count = len(parting.orders)
    return f"{null}; the same words in random order, {orders_words(count)}" if count else null


def distance_panel(title: str, parting: Parting) -> ProfilePanel:
    """One pair of groups over the nulls of that pair."""
    profile, bands = parting.profile, []
    layers = profile.layer
    if profile.family:
        bands.append(Band(_NO_LABELS, layers, profile.null_low, profile.null_high))
    twins, orders = parting.twins, parting.orders
    curves = [Curve("distance", layers, profile.distance, profile.low, profile.high)]
    in_order = f"same words in random order ({orders_words(len(orders))})"
    if len(orders) == 1:  # a band without height would be a second grey line
        curves.append(Curve(in_order, layers, orders[0]))
    for values, label in ((twins, _range_of(len(twins))), (orders, in_order)):
        if len(values) and not (label == in_order and len(orders) == 1):
            low, high, mean = values.min(axis=0), values.max(axis=0), values.mean(axis=0)
            bands.append(Band(label, layers, low, high, mean))
    return ProfilePanel(title, curves, bands)


def _earlier(measured: Measured, earlier: Earlier) -> Plot:
    view = earlier.view(RAW)
    groups = measured.words.groups
    drawn = [
        Path(f"{g} (earlier)", p, old=True) for g, p in zip(view.groups, view.paths, strict=True)
    ]
    drawn += [
        Path(group, mean, view.coordinates[rows])
        for group, mean, rows in zip(
            groups, measured.means(view.coordinates), measured.words.slices, strict=True
        )
    ]
    held = view.axes.shares
    title = f"Paths of {_listed(groups)} in the axes of an earlier run"
    labels = [_axis(k + 1, float(share)) for k, share in enumerate(held[:2])]
    return Plot(
        "trajectories_earlier_axes",
        title,
        f"Axes fitted in '{earlier.folder}'; grey: the paths it had. The shares are those of the "
        f"new states' variance; three axes hold {held.sum():.0%} of it.".replace("%", " %"),
        "the paths of the earlier run",
        later(draw_paths, drawn, title, labels),
    )
