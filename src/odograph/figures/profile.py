"""Curves by layer: rotation, step, path, turned and whatever else has one value per layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.line_labels import LineEnd, label_ends
from odograph.figures.marks import Labels, Numbers, numbers, same_length
from odograph.figures.style import (
    DASHES,
    GREY,
    canvas,
    ground,
    head,
    logarithmic,
    look,
    nothing_to_draw,
    room_for_ticks,
    signed_logarithmic,
    styled,
)
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: From so many times the median on, the largest mean presses the others flat.
_PRESSING = 4.0


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
    Grey area: a null, by default its 5-95 % range; grey line in it, of its own dash: its mean.
    Dotted horizontal line: a value known beforehand. Gap: no value at that layer. What each is
    stands at its end, or above where that has no room.
    """
    figure = canvas(height=4.0)
    axes = figure.subplots()
    ground(axes)
    handles = [draw_band(axes, band, index) for index, band in enumerate(bands)]
    handles = [draw_curve(axes, curve, index) for index, curve in enumerate(curves)] + handles
    handles += [draw_reference(axes, reference) for reference in references]
    frame_layers(axes, curves, bands)
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y)
    named = label_ends(axes, _ends(curves, bands, references))
    head(figure, labels.title, [] if named else handles)
    return figure


def _ends(
    curves: Sequence[Curve], bands: Sequence[Band], references: Sequence[Reference]
) -> list[LineEnd]:
    """Where the lines end."""
    ends = [_end(c.label, c.layers, c.mean, look(i).colour) for i, c in enumerate(curves)]
    for band in bands:
        middle = band.mean
        if middle is None:
            middle = (numbers(band.low) + numbers(band.high)) / 2
        ends.append(_end(band.label, band.layers, middle, GREY))
    last = max((end.x for end in ends), default=0.0)
    return [*ends, *(LineEnd(r.label, last, r.value, INK) for r in references)]


def _end(name: str, layers: ArrayLike, mean: ArrayLike, colour: str) -> LineEnd:
    """The last number of a line; not a number where there is none."""
    x, y = numbers(layers), np.resize(numbers(mean), len(numbers(layers)))
    finite = np.flatnonzero(np.isfinite(y))
    last = (x[finite[-1]], y[finite[-1]]) if len(finite) else (np.nan, np.nan)
    return LineEnd(name, float(last[0]), float(last[1]), colour)


def _null_line(index: int) -> dict[str, Any]:
    return {"color": GREY, "linestyle": DASHES[index % len(DASHES)], "linewidth": 1.2}


@styled
def draw_fitting_profile(
    curves: Sequence[Curve], labels: Labels, *, bands: Sequence[Band] = ()
) -> "Figure":
    """As `draw_profile`, on a logarithmic axis where that shows more.

    That is where all is above 0 and the largest mean is over four times the median one: one block
    would else press all others flat.
    """
    if _presses(curves, bands):
        return draw_log_profile(curves, labels, bands=bands)
    return draw_profile(curves, labels, bands=bands)


def _presses(curves: Sequence[Curve], bands: Sequence[Band]) -> bool:
    """Whether a few values are far above the others, all being above 0."""
    drawn = [each for c in curves for each in (c.mean, c.low, c.high) if each is not None]
    drawn += [each for b in bands for each in (b.low, b.high)]
    if any((numbers(each) <= 0).any() for each in drawn):
        return False
    means = np.concatenate([np.zeros(0), *(numbers(curve.mean) for curve in curves)])
    means = means[np.isfinite(means)]
    return bool(len(means)) and float(means.max()) > _PRESSING * float(np.median(means))


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
    """One null as a grey area, with its mean or else its bounds as lines of its own dash."""
    same_length(band.label, layers=band.layers, low=band.low, high=band.high, mean=band.mean)
    layers, low, high = numbers(band.layers), numbers(band.low), numbers(band.high)
    if len(layers) == 1:
        layers = np.array([layers[0] - 0.3, layers[0] + 0.3])
        low, high = np.repeat(low, 2), np.repeat(high, 2)
    axes.fill_between(layers, low, high, color=GREY, alpha=0.2, linewidth=0, zorder=0.5)
    line = _null_line(index)
    drawn = (low, high) if band.mean is None else (np.resize(numbers(band.mean), len(layers)),)
    for values in drawn:
        axes.plot(layers, values, zorder=0.7, **line)
    return _band_handle(band.label, line)


def _band_handle(label: str, line: Mapping[str, Any]) -> Any:
    """A null in a legend: its grey, edged by its line."""
    from matplotlib.patches import Patch

    pale = (*(int(GREY[i : i + 2], 16) / 255 for i in (1, 3, 5)), 0.2)
    return Patch(
        facecolor=pale,
        edgecolor=GREY,
        linestyle=line["linestyle"],
        linewidth=line["linewidth"],
        label=label,
    )


def frame_layers(axes: "Axes", curves: Sequence[Curve], bands: Sequence[Band]) -> None:
    """The axis of the layers that are drawn; says so where there is no number to draw."""
    layers = [numbers(c.layers) for c in curves] + [numbers(b.layers) for b in bands]
    layer_axis(axes, np.concatenate(layers) if layers else np.zeros(0))
    if not any(np.isfinite(numbers(curve.mean)).any() for curve in curves):
        nothing_to_draw(axes)


def layer_axis(axes: "Axes", layers: Numbers) -> None:
    """Whole-numbered ticks for layers, ticks from 0 to 1 for relative depths."""
    from matplotlib.ticker import MaxNLocator

    finite = layers[np.isfinite(layers)]
    if not len(finite):
        return
    if np.all(finite == np.round(finite)) and (finite.max() > 1 or finite.min() == finite.max()):
        axes.set_xlim(finite.min() - 0.5, finite.max() + 0.5)
        ticks = MaxNLocator(nbins=room_for_ticks(axes), integer=True, min_n_ticks=1)
        axes.xaxis.set_major_locator(ticks)
    else:
        axes.set_xlim(-0.02, max(1.0, float(finite.max())) + 0.02)


def draw_reference(axes: "Axes", reference: Reference) -> Any:
    """A value known beforehand as a dotted line; gives it for the legend."""
    return axes.axhline(
        reference.value, label=reference.label, color=INK, linestyle=":", linewidth=1.2, zorder=1
    )
