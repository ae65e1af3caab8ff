"""The values that statistics and studies hand on: intervals, estimates, findings.

A `Finding` is one sentence of a report together with everything that a reader needs to doubt it.
"""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Interval:
    """An interval estimate: bounds, level (0.95 = 95 %) and the method that gave it."""

    low: float
    high: float
    level: float
    method: str


@dataclass(frozen=True)
class Estimate:
    """A number with its unit, interval, number of units and unit of inference.

    `interval` is None where none can be had (one passage, all values equal); `note` then says why.
    """

    value: float
    unit: str
    n: int
    unit_of_inference: str
    interval: Interval | None = None
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """One statement of a study with effect, interval, n, test, family and null.

    `p` and `p_adjusted` are None where no test was made; `test` then says so ("none: descriptive").
    `plain` says the same to a student, without symbols. `data` is what a program can use of it:
    plain JSON values, not shown to a reader.
    """

    study: str
    statement: str
    plain: str
    estimate: float | None
    interval: tuple[float, float] | None
    unit: str
    n: int
    unit_of_inference: str
    excluded: int
    test: str
    family: str
    null: str
    p: float | None = None
    p_adjusted: float | None = None
    card: dict[str, str] = field(default_factory=dict)
    data: Any = None

    def record(self) -> dict[str, Any]:
        """The finding as plain values for JSON (NaN never occurs: it is None).

        Without `data` there is no such key.
        """
        values = asdict(self)
        return values if self.data is not None else {k: v for k, v in values.items() if k != "data"}
