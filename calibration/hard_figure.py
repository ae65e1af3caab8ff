"""How often the tests as they are err where the data are hard, in one picture."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from calibration import covering, drift, hard_data, random_networks
from calibration.rows import ALLOWED, COVERAGE, FALSE_ALARMS, NOMINAL, Row
from odograph.figures.saving import save
from odograph.figures.style import GREY, canvas, ground, head, look, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TESTS = (
    hard_data.BY_NUMBER,
    hard_data.DOCUMENTS,
    hard_data.GROUPS,
    hard_data.DISTANCE,
    hard_data.SEEDS,
    random_networks.SEEDS,
    drift.OWN,
    covering.CORRELATION,
)
#: Parts of a setting that the page says.
_SAID = (
    "30 independent layers, ",
    ", 30 independent layers",
    ", 40 tokens a passage, memory 0.7",
    ", odograph study rotation",
)


def hard_rows(rows: list[Row]) -> list[Row]:
    """False alarms of every test as it is, and misses of an interval under a transient."""
    return list(_hard(rows))


def _hard(rows: list[Row]) -> Iterator[Row]:
    for method in _TESTS:
        for row in rows:
            if row.method == method and row.what == FALSE_ALARMS:
                yield row
            elif row.method == method and row.what == COVERAGE and "transient" in row.setting:
                yield replace(row, estimate=1 - row.estimate, low=1 - row.high, high=1 - row.low)


def write_hard_figure(rows: list[Row], stem: Path) -> tuple[Path, Path]:
    """Writes STEM.svg and STEM.png."""
    card = {
        "null": "nothing is there",
        "bars": "95 % Monte-Carlo intervals",
        "grey": "allowed around .05",
        "table": "calibration/results.csv",
    }
    return save(_draw(hard_rows(rows)), stem, card)


@styled
def _draw(rows: list[Row]) -> "Figure":
    figure = canvas(9.6, 0.8 + 0.19 * len(rows))
    axes = figure.subplots()
    least, most = ALLOWED[FALSE_ALARMS]
    axes.axvspan(least, most, color=GREY, alpha=0.2, linewidth=0)
    axes.axvline(NOMINAL[FALSE_ALARMS], color=GREY, linewidth=0.8)
    methods = list(dict.fromkeys(row.method for row in rows))
    for index, method in enumerate(methods):
        _dots(axes, [(at, row) for at, row in enumerate(rows) if row.method == method], index)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows], fontsize=7)
    axes.set_ylim(len(rows), -1)
    axes.set_xlim(left=0)
    axes.set_xlabel("how often wrong where nothing is there (promised: .05)")
    ground(axes)
    axes.legend(loc="lower right", fontsize=8)
    head(figure, "What the tests do with hard data")
    return figure


def _dots(axes: "Axes", some: list[tuple[int, Row]], index: int) -> None:
    its = look(index)
    places = [at for at, _ in some]
    values = [row.estimate for _, row in some]
    below = [row.estimate - row.low for _, row in some]
    above = [row.high - row.estimate for _, row in some]
    axes.errorbar(
        values, places, xerr=(below, above), color=its.colour, linestyle="none", marker=its.marker,
        markersize=4, elinewidth=0.8, label=some[0][1].method,
    )  # fmt: skip


def _label(row: Row) -> str:
    setting = row.setting
    for part in _SAID:
        setting = setting.replace(part, "")
    return f"{setting}, n = {row.n}"
