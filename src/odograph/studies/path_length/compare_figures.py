"""The pictures of several models beside each other."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.comparison import draw_model_differences, draw_models
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Band
from odograph.measures import MEASURES
from odograph.statistics.comparison import Comparison
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.path_length.measured import Measured
from odograph.studies.study import Plot

_SHOWN = ("relative_step", "turned")


def plots(
    models: Sequence[Measured],
    names: Sequence[str],
    correlations: dict[tuple[str, str], Comparison],
) -> list[Plot]:
    """Curves by relative depth, and the differences of the correlation where there are any."""
    found = [_curves(models, names, measure) for measure in _SHOWN]
    if correlations:
        title = "Difference of the correlation of last step and log-probability"
        dots = [(f"{a} \u2212 {b}", _dot(result)) for (a, b), result in correlations.items()]
        found.append(
            Plot(
                "path_length_models_correlation",
                title,
                "Partial Spearman, stream, sinks left out; difference on the same tokens with its "
                "95 % interval.",
                "0: no difference between the models",
                draw_model_differences(dots, Labels(title, "difference of r")),
            )
        )
    return found


def _dot(result: Comparison) -> Dot:
    if result.interval is None:
        return Dot(result.difference)
    return Dot(result.difference, result.interval.low, result.interval.high)


def _curves(models: Sequence[Measured], names: Sequence[str], measure: str) -> Plot:
    curves, bands = [], []
    for model, name in zip(models, names, strict=True):
        layers = np.arange(1, model.run.blocks + 1)
        curve = mean_curve(name, layers, model.curves[measure], model.seed)
        curves.append((curve, model.run.blocks))
        bands += [
            Band(f"{name}: {b.label}", layers / model.run.blocks, b.low, b.high, b.mean)
            for b in twin_bands(model.twins[measure], layers)
        ]
    title = f"{MEASURES[measure].label.capitalize()} by relative depth"
    return Plot(
        f"path_length_models_{measure}",
        title,
        "Means over passages with 95 % intervals (BCa); grey: each model's untrained twins.",
        "untrained twins" if bands else "no untrained twin was measured",
        draw_models(
            curves, Labels(title, "relative depth", MEASURES[measure].axis_label), bands=bands
        ),
    )
