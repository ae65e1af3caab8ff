"""Curves by layer: rotation, step, path, turned and whatever else has one value per layer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Labels, Numbers, numbers, same_length
from odograph.figures.style import (
    GREY,
    HATCHES,
    canvas,
    ground,
    head,
    logarithmic,
    look,
    nothing_to_draw,
    signed_logarithmic,
    styled,
)
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Curve:
    """A group's mean by layer with its interval (None: no interval); NaN leaves a gap."""

    label: str
    layers: ArrayLike
    mean: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None


@dataclass(frozen=True)
class Band:
    """What a null gives by layer, from low to high, and its mean where there is one."""

    label: str
    layers: ArrayLike
    low: ArrayLike
    high: ArrayLike
    mean: ArrayLike | None = None


@dataclass(frozen=True)
class Reference:
    """A horizontal line at a value that is known beforehand ("90 degrees: orthogonal")."""

    label: str
    value: float


def relative(curve: Curve, blocks: int) -> Curve:
    """The curve over relative depth (layer / number of blocks), so that models can be compared.

    Raises:
        UsageError: the number of blocks is not positive.
    """
    if blocks < 1:
        raise UsageError("relative depth", expected="at least 1 block", given=str(blocks))
    return replace(curve, layers=numbers(curve.layers) / blocks)


@styled
def draw_profile(
    curves: Sequence[Curve],
    labels: Labels,
    *,
    bands: Sequence[Band] = (),
    references: Sequence[Reference] = (),
) -> "Figure":
    """Curves by layer over the bands of their nulls.

    Line with markers: the mean of a group; groups differ by colour, dash and marker.
    Pale area of the same colour (a bar where there is one layer only): its interval.
    Grey hatched area: a null, by default its 5-95 % range; thin grey line in it: its mean.
    Dotted horizontal line: a value known beforehand. Gap: no value at that layer.
    """
    figure = canvas(height=4.0)
    axes = figure.subplots()
    ground(axes)
    handles = [draw_band(axes, band, index) for index, band in enumerate(bands)]
    handles = [draw_curve(axes, curve, index) for index, curve in enumerate(curves)] + handles
    handles += [_draw_reference(axes, reference) for reference in references]
    layers = [numbers(c.layers) for c in curves] + [numbers(b.layers) for b in bands]
    layer_axis(axes, np.concatenate(layers) if layers else np.zeros(0))
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y)
    if not any(np.isfinite(numbers(curve.mean)).any() for curve in curves):
        nothing_to_draw(axes)
    head(figure, labels.title, handles)
    return figure


@styled
def draw_log_profile(
    curves: Sequence[Curve], labels: Labels, *, bands: Sequence[Band] = ()
) -> "Figure":
    """As `draw_profile`, on a logarithmic axis: for lengths of very different size."""
    figure = draw_profile(curves, labels, bands=bands)
    logarithmic(figure.axes[0], "y")
    return figure


@styled
def draw_symlog_profile(
    curves: Sequence[Curve],
    labels: Labels,
    *,
    linear: float,
    bands: Sequence[Band] = (),
    references: Sequence[Reference] = (),
) -> "Figure":
    """As `draw_profile`, logarithmic on both sides of 0: for changes of very different size.

    Within `linear` of 0 the axis is linear.
    """
    figure = draw_profile(curves, labels, bands=bands, references=references)
    signed_logarithmic(figure.axes[0], "y", linear)
    return figure


def draw_curve(axes: "Axes", curve: Curve, index: int) -> Any:
    """One curve with its interval; gives the line for the legend."""
    same_length(curve.label, layers=curve.layers, mean=curve.mean, low=curve.low, high=curve.high)
    style = look(index)
    layers, mean = numbers(curve.layers), numbers(curve.mean)
    if curve.low is not None and curve.high is not None:
        low, high = numbers(curve.low), numbers(curve.high)
        axes.fill_between(layers, low, high, color=style.colour, alpha=0.2, linewidth=0)
        if len(layers) == 1:
            axes.vlines(layers, low, high, color=style.colour, linewidth=1.4)
    (line,) = axes.plot(
        layers,
        mean,
        label=curve.label,
        color=style.colour,
        linestyle=style.line,
        linewidth=1.7,
        marker=style.marker,
        markersize=4.5,
        # Shifted from curve to curve, so that markers of near curves do not hide each other.
        markevery=(index % 3 if len(layers) > 20 else 0, max(1, len(layers) // 12)),
    )
    return line


def draw_band(axes: "Axes", band: Band, index: int) -> Any:
    """One null as a grey hatched area; gives the area for the legend."""
    same_length(band.label, layers=band.layers, low=band.low, high=band.high, mean=band.mean)
    layers, low, high = numbers(band.layers), numbers(band.low), numbers(band.high)
    if len(layers) == 1:
        layers = np.array([layers[0] - 0.3, layers[0] + 0.3])
        low, high = np.repeat(low, 2), np.repeat(high, 2)
    axes.fill_between(layers, low, high, color=GREY, alpha=0.16, linewidth=0, zorder=0.5)
    # The hatch is drawn on its own: in an SVG it would share the opacity of the fill.
    area = axes.fill_between(
        layers,
        low,
        high,
        label=band.label,
        facecolor="none",
        edgecolor=GREY,
        hatch=HATCHES[index % len(HATCHES)],
        linewidth=0.4,
        zorder=0.6,
    )
    if band.mean is not None:
        mean = np.resize(numbers(band.mean), len(layers))
        axes.plot(layers, mean, color=GREY, linewidth=1.0, zorder=0.7)
    return area


def layer_axis(axes: "Axes", layers: Numbers) -> None:
    """Whole-numbered ticks for layers, ticks from 0 to 1 for relative depths."""
    from matplotlib.ticker import MaxNLocator

    finite = layers[np.isfinite(layers)]
    if not len(finite):
        return
    if np.all(finite == np.round(finite)) and (finite.max() > 1 or finite.min() == finite.max()):
        axes.set_xlim(finite.min() - 0.5, finite.max() + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=13, integer=True, min_n_ticks=1))
    else:
        axes.set_xlim(-0.02, max(1.0, float(finite.max())) + 0.02)


def _draw_reference(axes: "Axes", reference: Reference) -> Any:
    return axes.axhline(
        reference.value, label=reference.label, color=INK, linestyle=":", linewidth=1.2, zorder=1
    )
