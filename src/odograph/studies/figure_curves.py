"""The curves and bands of a study's figures as a table: what a picture shows can be drawn anew."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from odograph.figures.profile import Band, Curve
from odograph.figures.profiles import ProfilePanel
from odograph.figures.scree import Scree
from odograph.studies.result import Plot, Table
from odograph.studies.tidy import Columns, stacked

ESTIMATE, NULL = "estimate", "null"


def curves_table(prefix: str, plots: Sequence[Plot]) -> list[Table]:
    """PREFIX_curves with a row for each place of each curve and band; none where none is drawn."""
    parts = [
        _rows(plot.name, panel, drawn)
        for plot in plots
        for panel, drawn in _drawn([*plot.drawing.given, *plot.drawing.named.values()])
    ]
    if not parts:
        return []
    return [Table(f"{prefix}_curves", "Every curve and band of the figures", stacked(parts))]


def _drawn(value: Any, panel: str = "") -> Iterator[tuple[str, Curve | Band]]:
    """Curves and bands among what a figure is drawn of, each with the title of its panel."""
    if isinstance(value, Curve | Band):
        yield panel, value
    elif isinstance(value, ProfilePanel):
        yield from _drawn([*value.curves, *value.bands], value.title)
    elif isinstance(value, Scree):
        yield from _drawn([*value.bands, value.expected], value.name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _drawn(each, panel)


def _rows(figure: str, panel: str, drawn: Curve | Band) -> Columns:
    """A curve or band by place: x, mean and both bounds, NaN for what it has not."""
    x = np.asarray(drawn.layers, dtype=float)
    words = {
        "figure": figure,
        "panel": panel,
        "kind": NULL if isinstance(drawn, Band) else ESTIMATE,
        "label": drawn.label,
    }
    numbers = {"mean": drawn.mean, "low": drawn.low, "high": drawn.high}
    return {
        **{name: np.full(len(x), text, dtype=object) for name, text in words.items()},
        "x": x,
        **{name: _spread(values, len(x)) for name, values in numbers.items()},
    }


def _spread(values: Any, count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The values as that many numbers: one for all of them, or none at all, too."""
    return np.resize(np.asarray(np.nan if values is None else values, dtype=float), count)
