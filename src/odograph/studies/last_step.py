"""The last step under `stream` and `hf`, side by side: what of it is the final norm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from odograph.run.results import Run
from odograph.statistics.intervals import mean_interval
from odograph.statistics.results import Interval
from odograph.studies.selection import Floats, passage_means, target_words

CONVENTIONS = ("stream", "hf")
MEASURES = ("rotation", "step", "norm")
_COLUMNS = tuple(f"last_{m}_{c}" for c in CONVENTIONS for m in MEASURES)


@dataclass(frozen=True)
class Group:
    """One group's last step: means and intervals over passages, name of the column to value.

    `ratio` is the interval of the ratio of the mean lengths, hf over stream.
    """

    name: str
    n: int
    means: dict[str, float]
    intervals: dict[str, Interval | None]
    ratio: Interval | None


@dataclass(frozen=True)
class LastSteps:
    """The last step of each group."""

    groups: tuple[Group, ...]

    def columns(self) -> dict[str, Any]:
        """Tidy: one row a group, convention and measure."""
        rows = [
            (group.name, convention, measure, group.n, group.means[name], *_bounds(group, name))
            for group in self.groups
            for convention in CONVENTIONS
            for measure in MEASURES
            for name in [f"last_{measure}_{convention}"]
        ]
        names = ("group", "convention", "measure", "n", "mean", "low", "high")
        return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def last_steps(run: Run, with_targets: bool) -> LastSteps:
    """The last step of targets, the words before them and all tokens; the first group leads."""
    groups = [("all tokens", "true")]
    if with_targets:
        groups = [
            (target_words(run), "role = 'target'"),
            ("the word before it", "role = 'non-target'"),
            *groups,
        ]
    seed = int(run.manifest["seed"])
    return LastSteps(tuple(_group(run, name, where, seed) for name, where in groups))


def _group(run: Run, name: str, where: str, seed: int) -> Group:
    means = passage_means(run, _COLUMNS, where)
    return Group(
        name=name,
        n=len(means[_COLUMNS[0]]),
        means={c: float(v.mean()) for c, v in means.items()},
        intervals={c: mean_interval(v, seed=seed) for c, v in means.items()},
        ratio=ratio_interval(means["last_step_hf"], means["last_step_stream"], seed),
    )


def ratio_interval(above: Floats, below: Floats, seed: int) -> Interval | None:
    """Bootstrap interval (percentiles, passages drawn whole) of a ratio of means; None for n < 2."""
    n = len(above)
    if n < 2:
        return None
    draws = np.random.default_rng(seed).integers(n, size=(4999, n))
    ratios = above[draws].mean(axis=1) / below[draws].mean(axis=1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Interval(float(low), float(high), 0.95, "percentile bootstrap over passages")


def _bounds(group: Group, name: str) -> Sequence[float | None]:
    interval = group.intervals[name]
    return (None, None) if interval is None else (interval.low, interval.high)
