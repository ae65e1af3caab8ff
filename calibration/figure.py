"""The calibration in one picture: false alarms, coverage, power."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from calibration import covering, family_wise
from calibration.rows import ALLOWED, COVERAGE, FALSE_ALARMS, Row
from odograph.figures.saving import save
from odograph.figures.style import GREY, canvas, ground, head, logarithmic, look, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TICKS = (6, 10, 20, 54, 150, 300)


def write_figure(rows: list[Row], stem: Path) -> tuple[Path, Path]:
    """Writes STEM.svg and STEM.png."""
    card = {
        "null": "no difference, autocorrelated layers, tokens of a sentence alike",
        "bars": "95 % Monte-Carlo intervals",
        "grey": "allowed",
        "table": "calibration/results.csv",
    }
    return save(_draw(rows), stem, card)


@styled
def _draw(rows: list[Row]) -> "Figure":
    figure = canvas(8.4, 7.0)
    alarms, coverage, power = figure.subplots(3, 1)
    plain = [row for row in rows if row.setting.startswith("48 layers, memory 0.9, heavy")]
    for index, method in enumerate(family_wise.METHODS[:3]):
        _curve(alarms, [row for row in plain if row.method == method], index, method)
    _allowed(alarms, FALSE_ALARMS, "family-wise error")
    means = [row for row in rows if row.method == covering.MEAN]
    for index, setting in enumerate(dict.fromkeys(row.setting for row in means)):
        _curve(coverage, [row for row in means if row.setting == setting], index, setting)
    for index, method in enumerate((covering.LEMMA, covering.PASSAGES), start=3):
        _curve(
            coverage, [row for row in rows if row.method == method], index, method.split(", ")[1]
        )
    inverted = [row for row in rows if row.method == covering.INVERTED and "normal" in row.setting]
    _curve(coverage, inverted, 5, "inversion of the test")
    _allowed(coverage, COVERAGE, "coverage of 95 % intervals")
    curves = [row for row in rows if row.method == "power, max-t"]
    for index, setting in enumerate(dict.fromkeys(row.setting for row in curves)):
        label = setting.split(",")[0]
        _curve(power, [row for row in curves if row.setting == setting], index, label)
    power.set_ylabel("power, max-T")
    power.axhline(0.8, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    _finish(power)
    power.set_xlabel("pairs, passages, or lemmas a group")
    head(figure, "What the statistics promise, and what they do")
    return figure


def _curve(axes: "Axes", rows: Iterable[Row], index: int, label: str) -> None:
    some, its = list(rows), look(index)
    n = [row.n * (1 + 0.035 * (index - 1)) for row in some]
    estimate = [row.estimate for row in some]
    below = [row.estimate - row.low for row in some]
    above = [row.high - row.estimate for row in some]
    axes.errorbar(
        n, estimate, (below, above), color=its.colour, linestyle=its.line, marker=its.marker,
        markersize=4, linewidth=1.2, elinewidth=0.8, label=label,
    )  # fmt: skip


def _allowed(axes: "Axes", what: str, label: str) -> None:
    least, most = ALLOWED[what]
    axes.axhspan(least, most, color=GREY, alpha=0.2, linewidth=0)
    axes.set_ylabel(label)
    _finish(axes)


def _finish(axes: "Axes") -> None:
    logarithmic(axes, "x")
    axes.set_xticks(_TICKS)
    axes.minorticks_off()
    axes.set_xlim(5.5, 330)
    ground(axes)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8, handlelength=3.2)
