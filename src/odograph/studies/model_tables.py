"""The tables of several models: one row a model, and one a pair of models and depth."""

from collections.abc import Sequence

import numpy as np

from odograph.folder.run import Run
from odograph.statistics.designs.models import MAX_T_DEPTHS
from odograph.statistics.intervals import mean_interval
from odograph.studies.model_curves import ModelCurves
from odograph.studies.selection import Floats
from odograph.studies.tidy import Columns, bounds, stacked, tidy


def models_table(curves: ModelCurves, runs: Sequence[Run]) -> Columns:
    """One row a model: its shape, and the places at which all are compared."""
    shapes = [run.manifest["model"] for run in runs]
    return {
        "model": list(curves.names),
        "blocks": [run.blocks for run in runs],
        "width": [shape["width"] for shape in shapes],
        "parameters": [shape["parameters"] for shape in shapes],
        "places": [curves.means.places] * len(runs),
    }


def means_by_model(name: str, values: Sequence[Floats], seed: int) -> Columns:
    """Mean over the shared passages with its interval, of each model's values [passages]."""
    both = [bounds(mean_interval(each, seed=seed)) for each in values]
    return {
        name: [float(each.mean()) for each in values],
        f"{name}_low": [low for low, _ in both],
        f"{name}_high": [high for _, high in both],
    }


def curves_table(curves: ModelCurves) -> Columns:
    """One row a pair of models and relative depth: both means, difference, interval, tests."""
    parts = []
    for profile, pair in zip(curves.profiles, curves.pairs, strict=True):
        own = profile.table()
        rows = len(curves.depths)
        columns: Columns = {
            "model": np.full(rows, pair.names[0]),
            "reference": np.full(rows, pair.names[1]),
            "depth": curves.depths,
            "mean_model": own["mean_target"],
            "mean_reference": own["mean_control"],
        }
        parts.append(
            tidy(
                columns | {name: own[name] for name in _OF_PAIRS},
                n=profile.n,
                excluded=profile.excluded,
                unit=curves.along.unit,
                test=MAX_T_DEPTHS if profile.family else "none: too few passages",
                family=profile.family,
            )
        )
    return stacked(parts)


_OF_PAIRS = (
    *("difference", "low", "high", "d_z", "d_z_low", "d_z_high"),
    *("t", "p_paired", "p_max_t", "cluster", "p_cluster"),
)
