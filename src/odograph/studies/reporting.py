"""From the numbers of a study to its findings: what all its findings share is said once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, Unpack

from odograph.statistics.intervals import LEVEL
from odograph.statistics.results import Finding, Interval
from odograph.statistics.wording import counted

NO_DIFFERENCE = "no difference: signs of the pairs' differences are exchangeable"


class Otherwise(TypedDict, total=False):
    """What of a finding is not as usual in its study; the fields of `Finding`."""

    unit: str
    n: int
    unit_of_inference: str
    excluded: int
    test: str
    family: str
    null: str
    p: float | None
    p_adjusted: float | None


@dataclass(frozen=True)
class Usual:
    """What the findings of one study on one run share, unless a finding says otherwise.

    Attributes:
        study: its name.
        card: as `run.card.card_of` gives it.
        n, excluded: units used, and left out.
        null: what is shown beside the numbers, as `phrases.twin_null` gives it.
        unit: of the estimates.
        unit_of_inference: what is counted.
    """

    study: str
    card: Mapping[str, str]
    n: int
    null: str
    excluded: int = 0
    unit: str = "1"
    unit_of_inference: str = "passage"

    @property
    def sample(self) -> str:
        """The units in a sentence: "n = 54 passages, 2 left out"."""
        return counted(self.n, self.unit_of_inference, self.excluded)

    def finding(
        self,
        statement: str,
        plain: str,
        estimate: float | None,
        interval: Interval | None = None,
        **otherwise: Unpack[Otherwise],
    ) -> Finding:
        """A finding of this study; without a test it is descriptive.

        NaN as estimate, p or bound of an interval stands for none: no test, no interval.
        """
        usual: Otherwise = {
            "unit": self.unit,
            "n": self.n,
            "unit_of_inference": self.unit_of_inference,
            "excluded": self.excluded,
            "test": "none: descriptive",
            "family": "none",
            "null": self.null,
        }
        given = usual | otherwise
        if given["n"] == 1 and given["unit_of_inference"] == "passage":
            statement = _of_one_text(statement)
        given["p"] = known(given.get("p"))
        given["p_adjusted"] = known(given.get("p_adjusted"))
        return Finding(
            study=self.study,
            statement=statement,
            plain=plain,
            estimate=known(estimate),
            interval=_bounds(interval),
            card=dict(self.card),
            **given,
        )


def _of_one_text(statement: str) -> str:
    """What holds of one passage says so: no interval over passages and no test stands behind it."""
    return statement if "one text" in statement else f"{statement} Descriptive, one text."


def known(value: float | None) -> float | None:
    """The number, or None where it is not a number, or infinite."""
    return None if value is None or not math.isfinite(value) else float(value)


def interval_of(low: float, high: float, method: str) -> Interval | None:
    """An interval of the usual level out of arrays of bounds; None where a bound is no number."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    return Interval(float(low), float(high), LEVEL, method)


def _bounds(interval: Interval | None) -> tuple[float, float] | None:
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return None
    return interval.low, interval.high
