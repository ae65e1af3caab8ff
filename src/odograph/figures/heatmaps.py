"""Several measures of one passage on one colour scale: a panel each, tokens along, blocks up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Labels, Numbers, numbers
from odograph.figures.style import MAGNITUDE, TICK_SIZE, WIDTH, canvas, head, styled
from odograph.figures.svg import INK
from odograph.figures.text import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROBUST = (1.0, 99.0)
"""Percentiles of the values without sinks at which the colour scale ends."""

_READABLE = 40
"""So many tokens can stand under the map as words; of longer passages the positions do."""


@dataclass(frozen=True)
class MapPanel:
    """One measure of the passage: [layers, tokens]."""

    title: str
    values: ArrayLike


@dataclass(frozen=True)
class MapTokens:
    """The passage under the maps: its tokens in order, and which of them are sinks."""

    texts: Sequence[str]
    sinks: Sequence[int] = ()


@styled
def draw_heatmaps(
    panels: Sequence[MapPanel], layers: ArrayLike, tokens: MapTokens, labels: Labels
) -> "Figure":
    """Layer x token maps over each other, lengths on one logarithmic colour scale.

    Colour: the value; the scale ends at 1 and 99 % of all values without sinks (arrows at the bar:
    values lie beyond), so that no single token uses it up. Triangle above a column: position 0 or a
    sink, in its place but not on the scale's ends. Empty cell: no value, or none above 0.
    """
    shown = [_checked(panel, layers, tokens) for panel in panels]
    figure = canvas(height=1.9 * len(shown) + 1.6, width=WIDTH * 1.2)
    grid = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    scale = _scale(shown, tokens)
    for axes, panel, values in zip(grid, panels, shown, strict=True):
        picture = _draw_panel(axes, values, numbers(layers), scale)
        axes.set_title(panel.title, fontsize=TICK_SIZE, pad=11 if tokens.sinks else 6)
        axes.set_ylabel(labels.y)
        _mark(axes, tokens)
    _write_tokens(grid[-1], tokens)
    grid[-1].set_xlabel(labels.x)
    bar = figure.colorbar(picture, ax=list(grid), extend="both", fraction=0.04, pad=0.02, aspect=40)
    bar.set_label("length (model units)")
    bar.outline.set_visible(False)
    _plain_ticks(bar)
    head(figure, labels.title, _legend(tokens))
    return figure


def _checked(panel: MapPanel, layers: ArrayLike, tokens: MapTokens) -> Numbers:
    """The values without what a logarithmic scale cannot show.

    Raises:
        UsageError: the shape does not fit layers and tokens.
    """
    values = numbers(panel.values).copy()
    expected = (len(numbers(layers)), len(tokens.texts))
    if values.shape != expected or 0 in expected:
        raise UsageError(
            f"heat map {panel.title!r}: values do not fit the passage",
            expected=f"at least one layer and token, and values of shape {expected}",
            given=str(values.shape),
            remedy="Give one row per layer and one column per token.",
        )
    values[~(values > 0)] = np.nan
    return values


def _scale(shown: Sequence[Numbers], tokens: MapTokens) -> Any:
    """One logarithmic scale for all panels, its ends those of the tokens that are no sinks."""
    from matplotlib.colors import LogNorm

    kept = np.setdiff1d(np.arange(len(tokens.texts)), np.asarray(tokens.sinks, dtype=int))
    values = np.concatenate([v[:, kept].ravel() for v in shown])
    values = values[np.isfinite(values)]
    if not len(values):
        return LogNorm(0.5, 2.0)
    low, high = (float(v) for v in np.percentile(values, ROBUST))
    return LogNorm(low, high) if high > low else LogNorm(low / 2, high * 2)


def _draw_panel(axes: "Axes", values: Numbers, layers: Numbers, scale: Any) -> Any:
    picture = axes.imshow(
        values,
        cmap=MAGNITUDE,
        norm=scale,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(-0.5, values.shape[1] - 0.5, layers[0] - 0.5, layers[-1] + 0.5),
    )
    every = max(1, -(-len(layers) // 6))
    axes.set_yticks(layers[::every], [f"{layer:g}" for layer in layers[::every]])
    axes.spines[:].set_visible(False)
    return picture


def _mark(axes: "Axes", tokens: MapTokens) -> None:
    """A triangle above every sink; the panel is not made wider by it."""
    if tokens.sinks:
        axes.plot(
            list(tokens.sinks),
            [1.03] * len(tokens.sinks),
            transform=axes.get_xaxis_transform(),
            **_SINK,
        )


_SINK: dict[str, Any] = {
    "linestyle": "none",
    "marker": "v",
    "markersize": 5,
    "color": INK,
    "clip_on": False,
}


def _write_tokens(axes: "Axes", tokens: MapTokens) -> None:
    if len(tokens.texts) > _READABLE:
        return
    texts = [visible(text) for text in tokens.texts]
    axes.set_xticks(range(len(texts)), texts, fontsize=TICK_SIZE, rotation=90)
    axes.tick_params(axis="x", length=0)


def _plain_ticks(bar: Any) -> None:
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    bar.ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    bar.ax.yaxis.set_minor_locator(NullLocator())


def _legend(tokens: MapTokens) -> list[Any]:
    from matplotlib.lines import Line2D

    if not tokens.sinks:
        return []
    return [Line2D([], [], label="position 0, and later attention sinks", **_SINK)]
