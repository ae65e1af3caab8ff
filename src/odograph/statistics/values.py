"""The values that statistics hand on, in every study the same.

`Estimate`: a number; `Comparison`: the difference of two groups; `Correlation`: how closely two
series go together, or how two models differ in that. All say what is counted, how many there are
and how many were left out; all but the bare `Estimate` say the test, its family and the null.
"""

import math
from dataclasses import dataclass

from odograph.statistics.keys import IntervalKind, Null


@dataclass(frozen=True)
class IntervalMethod:
    """How an interval was had: from how many units (blocks where it is of blocks) of what length.

    `units` and `block_length` are 0 where they are not known.
    """

    kind: IntervalKind
    units: int = 0
    block_length: int = 0


@dataclass(frozen=True)
class Interval:
    """An interval estimate: bounds, level (0.95 = 95 %) and the method, or its name in words."""

    low: float
    high: float
    level: float
    method: IntervalMethod | str


@dataclass(frozen=True)
class Estimate:
    """A number with its unit, interval, and how many units of inference were used and left out.

    `interval` is None where none can be had (one passage, all values equal); `note` then says why.
    """

    value: float
    unit: str
    n: int
    unit_of_inference: str
    interval: Interval | None = None
    excluded: int = 0
    note: str = ""


@dataclass(frozen=True)
class PValue:
    """A p-value, its test, and for how many `members` of a family it was corrected.

    `p` is None (or NaN) where nothing was tested; `test` then says why. `alone` is the p before the
    correction; None where it is the same. `bootstrap` is the p by the bootstrap-t, where signs were
    flipped though units are skewed: flips are exact for symmetric differences only. `least` is what
    the draws can give at least, corrected; None where it is not known. `drawn` is how many units
    the test reads where these were drawn from more; 0 where it reads all. `d_z` is the mean that is
    tested, in standard deviations of its units; None where it is no mean over units.
    """

    test: str
    p: float | None
    family: int
    members: str = "layers"
    alone: float | None = None
    bootstrap: float | None = None
    least: float | None = None
    drawn: int = 0
    d_z: float | None = None

    @property
    def made(self) -> bool:
        """Whether there is a p."""
        return self.p is not None and math.isfinite(self.p)


@dataclass(frozen=True)
class Comparison:
    """`measure` of `target` minus that of `control`, at `place`, with the test of the difference.

    null: what holds if there is none.
    """

    measure: str
    target: str
    control: str
    place: str
    estimate: Estimate
    tested: PValue
    null: str = Null.NO_MEAN_DIFFERENCE


@dataclass(frozen=True)
class Correlation:
    """A correlation inside passages, averaged over them; or two models' difference in it.

    Attributes:
        r: the coefficient, or the first model's minus the second's; NaN where there is none.
        of: both models' coefficients where `r` is their difference.
        interval: of `r`.
        method: "spearman", "partial pearson".
        n, excluded: passages used and left out; the unit of inference, but in one text.
        tokens, excluded_tokens: used and left out.
        tested: the test of `r`.
        null: what holds if there is no correlation, or no difference.
        block_length: of a bootstrap inside one text; None elsewhere.
        each, units: the value of each unit that the test rests on, and which of those given it is.
    """

    r: float
    interval: Interval | None
    method: str
    n: int
    excluded: int
    tokens: int
    excluded_tokens: int
    tested: PValue
    null: str
    of: tuple[float, float] | None = None
    block_length: int | None = None
    unit_of_inference: str = "passage"
    each: tuple[float, ...] = ()
    units: tuple[int, ...] = ()


def bounds(interval: Interval | None) -> tuple[float, float]:
    """Both bounds of an interval; NaN where there is none."""
    return (float("nan"),) * 2 if interval is None else (interval.low, interval.high)


def known(value: float | None) -> float | None:
    """The number, or None where it is not a number, or infinite."""
    return None if value is None or not math.isfinite(value) else float(value)


def known_bounds(interval: Interval | None) -> tuple[float, float] | None:
    """Both bounds of an interval; None where there is none, or one is not a number."""
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return None
    return interval.low, interval.high
