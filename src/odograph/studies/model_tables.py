"""The table of several models: one row a model."""

from collections.abc import Sequence

from odograph.statistics.intervals import mean_interval
from odograph.studies.model_runner import ModelAnalysis
from odograph.studies.selection import Floats
from odograph.studies.tidy import Columns, bounds


def models_table(analysis: ModelAnalysis) -> Columns:
    """One row a model: its shape, and the places at which all are compared."""
    runs, curves = analysis.runs, analysis.curves
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
