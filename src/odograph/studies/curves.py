"""A measure by layer as a figure shows it: the mean over texts, the twins as a band, panels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from odograph.figures.difference import Cluster, Difference
from odograph.figures.drawing import later
from odograph.figures.heatmap import HeatMap
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, Reference
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.folder.samples.nulls import Nulls, RandomOrder
from odograph.folder.samples.passages import Passage
from odograph.folder.selection import Floats, Ints
from odograph.sentences.nulls import orders_label, twins_label
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.intervals import band, mean_intervals
from odograph.studies.result import Plot


def mean_curve(label: str, layers: Ints, profiles: Floats, seed: int) -> Curve:
    """The mean over passages with its 95 % interval (BCa); profiles: [passages, layers]."""
    low, high = mean_intervals(profiles, seed=seed)
    return Curve(label, layers, profiles.mean(axis=0), low, high)


def twin_bands(twins: Floats | None, layers: Ints) -> list[Band]:
    """5-95 % of the passages of all seeds, and their mean; nothing where there are no twins.

    twins: [seeds, passages, layers].
    """
    return [] if twins is None else [null_band(twins_label(len(twins)), layers, twins)]


def null_band(label: str, layers: ArrayLike, values: Floats) -> Band:
    """5-95 % of all rows of a null, [..., layers], and their mean; NaN is left out."""
    rows = values.reshape(-1, values.shape[-1])
    return Band(label, layers, *band(rows), np.asarray(np.nanmean(rows, axis=0)))


def range_bands(label: str, layers: ArrayLike, values: Floats) -> list[Band]:
    """From the least to the largest null, [nulls, layers], and their mean; nothing of none."""
    if not len(values):
        return []
    return [Band(label, layers, values.min(axis=0), values.max(axis=0), values.mean(axis=0))]


def token_map(read: Passage, layers: ArrayLike, values: Floats) -> HeatMap:
    """One passage as a map, its targets and sinks marked; values: [tokens, layers]."""
    return HeatMap(read.tokens, layers, values, read.targets, read.sinks)


def difference_drawn(profile: PairedProfile, n: str, places: Floats | Ints) -> Difference:
    """A paired difference as a figure shows it; places: where its layers stand, [layers]."""
    first = int(profile.layer[0])
    return Difference(
        layers=places,
        mean=profile.difference,
        low=profile.low,
        high=profile.high,
        n=n,
        significant=profile.found if profile.family else None,
        clusters=[
            Cluster(places[c.first_layer - first], places[c.last_layer - first], c.p)
            for c in profile.clusters
        ],
    )


def profiles_plot(
    name: str,
    labels: Labels,
    caption: str,
    null: str,
    panels: Sequence[ProfilePanel],
    at_zero: str = "",
    unit: str = "",
) -> Plot:
    """Profiles side by side; `at_zero` says what a line at 0 stands for, `unit` is as in `Plot`."""
    references = [Reference(at_zero, 0.0)] if at_zero else []
    drawing = later(draw_profiles, panels, labels, references=references)
    return Plot(name, labels.title, caption, null, drawing, unit)


def random_order_bands(found: RandomOrder | None, layers: Ints) -> list[Band]:
    """5-95 % of the passages of all orders, and their mean; nothing where there are none."""
    if found is None:
        return []
    return [null_band(orders_label(len(found.orders)), layers, found.orders)]


def null_bands(nulls: Nulls, layers: Ints) -> list[Band]:
    """Untrained twins and random order as a figure shows them; nothing of what there is not."""
    return [*twin_bands(nulls.twins, layers), *random_order_bands(nulls.shuffled, layers)]
