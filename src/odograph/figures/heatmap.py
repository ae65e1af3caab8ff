"""One sentence as a map: a row per token, a column per layer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Labels, Numbers, numbers
from odograph.figures.style import (
    GREY,
    MAGNITUDE,
    TICK_SIZE,
    WIDTH,
    canvas,
    head,
    styled,
)
from odograph.figures.svg import INK
from odograph.figures.text import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS = 32
"""Tokens in one column of the map before the sentence goes on in the next."""
_COLUMNS = 3
_ROW_HEIGHT = 0.205
_HATCHED: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": GREY,
    "hatch": "////",
    "linewidth": 0,
}


@dataclass(frozen=True)
class HeatMap:
    """A sentence's values, tokens x layers.

    `targets` and `sinks` are positions in `tokens`; `edges` has for each token the layer from which
    on something holds of it (NaN: of none), `edge` what; None where no edge is drawn.
    """

    tokens: Sequence[str]
    layers: ArrayLike
    values: ArrayLike
    targets: Sequence[int] = ()
    sinks: Sequence[int] = ()
    edges: ArrayLike | None = None
    edge: str = ""


@styled
def draw_heatmap(heatmap: HeatMap, labels: Labels) -> "Figure":
    """Token x layer map of one sentence; `labels.y` is the measure with its unit.

    Row: a token, read downwards, a space drawn as ·; longer sentences go on in the next column.
    Colour: the value, on one scale for all columns (bar at the right). Grey hatched row: an
    attention sink, left out of the colour scale. Bold token with ▸: the target. Empty cell: no
    value. Line through the rows: the edge, left of the layer from which on something holds.
    """
    figure, bar = _drawn(heatmap, _checked(heatmap), labels)
    bar.set_label(labels.y)
    return figure


@styled
def draw_layer_heatmap(heatmap: HeatMap, labels: Labels) -> "Figure":
    """As `draw_heatmap`, each layer on a scale of its own: no layer takes all colours.

    Colour: where the value lies among those of its layer, from the smallest to the largest token.
    """
    figure, bar = _drawn(heatmap, within_layers(_checked(heatmap)), labels)
    bar.set_ticks([0, 1], labels=["least", "most"])
    # On two lines: on one it is longer than the map of a short sentence is high.
    bar.set_label(f"{labels.y.partition(' (')[0]},\namong the tokens of a {labels.x}")
    return figure


def _drawn(heatmap: HeatMap, values: Numbers, labels: Labels) -> "tuple[Figure, Any]":
    """The map of these values, and the bar of its colours, not labelled yet."""
    columns = min(_COLUMNS, max(1, math.ceil(len(heatmap.tokens) / _ROWS)))
    rows = max(1, math.ceil(len(heatmap.tokens) / columns))
    figure = canvas(
        height=max(3.0, rows * _ROW_HEIGHT + 1.5), width=WIDTH if columns == 1 else WIDTH * 1.3
    )
    grid = figure.subplots(1, columns, squeeze=False)[0]
    for column, axes in enumerate(grid):
        inside = range(column * rows, min((column + 1) * rows, len(heatmap.tokens)))
        picture = _draw_part(axes, heatmap, values, inside)
        picture.set_clim(*_limits(values))
        axes.set_xlabel(labels.x)
        axes.set_ylim(rows - 0.5, -0.5)
    bar = figure.colorbar(
        picture,
        ax=list(grid),
        fraction=0.05,
        pad=0.02,
        aspect=30,
        shrink=min(1.0, 40 / rows),
        anchor=(0, 1),
    )
    bar.outline.set_visible(False)
    head(figure, labels.title, _legend(heatmap))
    return figure, bar


def _checked(heatmap: HeatMap) -> Numbers:
    """The values, tokens x layers, with sinks blanked.

    Raises:
        UsageError: the shape does not fit tokens and layers.
    """
    values = numbers(heatmap.values).copy()
    expected = (len(heatmap.tokens), len(numbers(heatmap.layers)))
    if values.shape != expected or 0 in expected:
        raise UsageError(
            "heat map: values do not fit the sentence",
            expected=f"at least one token and layer, and values of shape {expected}",
            given=str(values.shape),
            remedy="Give one row per token and one column per layer.",
        )
    values[list(heatmap.sinks)] = np.nan
    return values


def within_layers(values: Numbers) -> Numbers:
    """Where each value lies between the smallest, 0, and the largest, 1, of its column.

    A column of equal values is .5; what is not a number stays so.
    """
    shown = np.full(values.shape, np.nan)
    for layer in np.flatnonzero(np.isfinite(values).any(axis=0)):
        column = values[:, layer]
        low, high = float(np.nanmin(column)), float(np.nanmax(column))
        spread = high - low
        shown[:, layer] = (column - low) / spread if spread > 0 else column * 0 + 0.5
    return shown


def _limits(values: Numbers) -> tuple[float, float]:
    """The ends of the colour scale."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _draw_part(
    axes: "Axes",
    heatmap: HeatMap,
    values: Numbers,
    inside: range,
) -> Any:
    layers = numbers(heatmap.layers)
    picture = axes.imshow(
        values[inside.start : inside.stop] if len(inside) else np.full((1, len(layers)), np.nan),
        cmap=MAGNITUDE,
        aspect="auto",
        interpolation="nearest",
        extent=(-0.5, len(layers) - 0.5, max(len(inside), 1) - 0.5, -0.5),
    )
    if heatmap.edges is not None:
        _draw_edges(axes, numbers(heatmap.edges)[inside.start : inside.stop])
    for position in set(heatmap.sinks) & set(inside):
        _draw_sink(axes, position - inside.start, len(layers))
    _write_tokens(axes, heatmap, inside)
    every = max(1, math.ceil(len(layers) / (12 if len(heatmap.tokens) <= _ROWS else 5)))
    axes.set_xticks(range(0, len(layers), every), [f"{layer:g}" for layer in layers[::every]])
    axes.spines[:].set_visible(False)
    return picture


def _draw_edges(axes: "Axes", edges: Numbers) -> None:
    """A line on the left of a layer in each row, joined between neighbouring rows."""
    left = np.repeat(edges - 0.5, 2)
    height = np.column_stack([np.arange(len(edges)) - 0.5, np.arange(len(edges)) + 0.5]).ravel()
    # White under the line, so that it is seen on dark and on light cells.
    for colour, width in (("white", 3.2), (INK, 1.6)):
        axes.plot(
            left, height, color=colour, linewidth=width, solid_joinstyle="miter", clip_on=False
        )


def _draw_sink(axes: "Axes", row: int, layers: int) -> None:
    from matplotlib.patches import Rectangle

    place = ((-0.5, row - 0.5), layers, 1)
    axes.add_patch(Rectangle(*place, facecolor=GREY, alpha=0.2, linewidth=0))
    axes.add_patch(Rectangle(*place, **_HATCHED))


def _write_tokens(axes: "Axes", heatmap: HeatMap, inside: range) -> None:
    texts = [
        f"▸ {visible(heatmap.tokens[i])}" if i in heatmap.targets else visible(heatmap.tokens[i])
        for i in inside
    ]
    axes.set_yticks(range(len(inside)), texts, fontsize=TICK_SIZE)
    axes.tick_params(axis="y", length=0)
    for position, text in zip(inside, axes.get_yticklabels(), strict=True):
        if position in heatmap.targets:
            text.set_fontweight("bold")


def _legend(heatmap: HeatMap) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    if heatmap.targets:
        handles.append(
            Line2D([], [], linestyle="none", marker=">", markersize=5, color=INK, label="target")
        )
    if heatmap.edges is not None:
        handles.append(Line2D([], [], color=INK, linewidth=1.6, label=heatmap.edge))
    if heatmap.sinks:
        label = "attention sink, not on the colour scale"
        handles.append(Patch(label=label, **_HATCHED))
    return handles
