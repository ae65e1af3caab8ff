"""One row a measured number: what, where, the number, how well it is known, and the verdict."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from scipy import stats

from odograph.statistics.intervals import LEAST

FALSE_ALARMS, COVERAGE, FOUND = "family-wise error", "coverage", "share found"
#: What is allowed around .05 for false alarms, and around .95 for coverage. A promise is broken
#: where all of the Monte-Carlo interval lies outside.
ALLOWED = {FALSE_ALARMS: (0.03, 0.07), COVERAGE: (LEAST, 0.97)}
NOMINAL = {FALSE_ALARMS: 0.05, COVERAGE: 0.95}
_BELOW = {FALSE_ALARMS: "cautious", COVERAGE: "short"}
_ABOVE = {FALSE_ALARMS: "too many", COVERAGE: "wide"}
#: How far a share may lie from the one that was published.
_LIKE = 0.05


@dataclass(frozen=True)
class Row:
    """A number from `runs` simulations with its 95 % Monte-Carlo interval.

    Attributes:
        what: "family-wise error", "coverage" or "share found".
        method: the test or interval.
        n: units: pairs, passages, lemmas a group, tokens, or blocks.
        setting: what was simulated.
        estimate, low, high: a share, 0 to 1.
        runs: simulations.
        nominal: what was promised, or published; None where nothing was.
        verdict: "holds", or in which direction the whole Monte-Carlo interval breaks the promise;
            "agrees" or "differs" beside a published number.
    """

    what: str
    method: str
    n: int
    setting: str
    estimate: float
    low: float
    high: float
    runs: int
    nominal: float | None
    verdict: str


def counted(what: str, method: str, n: int, setting: str, hits: Sequence[bool]) -> Row:
    """The share of simulations with a hit, with Wilson's interval, against the promise."""
    runs, number = len(hits), int(np.sum(hits))
    interval = stats.binomtest(number, runs).proportion_ci(method="wilson")
    share, low, high = _rounded(number / runs, interval.low, interval.high)
    nominal = NOMINAL.get(what)
    return Row(what, method, n, setting, share, low, high, runs, nominal, verdict(what, low, high))


def averaged(
    method: str, n: int, setting: str, shares: Sequence[float], published: float | None = None
) -> Row:
    """The mean share found over simulations, against the one that was published."""
    mean, runs = float(np.mean(shares)), len(shares)
    half = 1.96 * float(np.std(shares, ddof=1)) / np.sqrt(runs)
    return Row(
        FOUND, method, n, setting, *_rounded(mean, mean - half, mean + half), runs, published,
        like(mean, published),
    )  # fmt: skip


def like(share: float, published: float | None) -> str:
    """Whether a share is the one that was published: within .05."""
    if published is None:
        return ""
    return "agrees" if abs(share - published) <= _LIKE else "differs"


def verdict(what: str, low: float, high: float) -> str:
    """Of a share with this Monte-Carlo interval; "" where nothing was promised."""
    if what not in ALLOWED:
        return ""
    least, most = ALLOWED[what]
    return _BELOW[what] if high < least else _ABOVE[what] if low > most else "holds"


def _rounded(*shares: float) -> list[float]:
    return [round(float(np.clip(share, 0, 1)), 4) for share in shares]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes the rows as CSV, an empty field for None."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        writer.writerows(["" if value is None else value for value in astuple(row)] for row in rows)


def read_rows(path: Path) -> list[Row]:
    """The rows of such a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(record) for record in csv.DictReader(file)]


def _row(record: dict[str, str]) -> Row:
    shares = [float(record[name]) for name in ("estimate", "low", "high")]
    nominal = float(record["nominal"]) if record["nominal"] else None
    what, method, n, setting = record["what"], record["method"], int(record["n"]), record["setting"]
    return Row(what, method, n, setting, *shares, int(record["runs"]), nominal, record["verdict"])
