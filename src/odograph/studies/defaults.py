"""From the numbers of a study to its findings: what all its findings share is said once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from odograph.folder.documents import DOCUMENT, PASSAGE
from odograph.folder.samples.drawn_documents import DrawnDocuments
from odograph.sentences.differences import difference_words
from odograph.sentences.english import counted, several
from odograph.sentences.names import family_words, name_of_null, name_of_test, test_words
from odograph.sentences.record import Finding, NullValue, Reading, Words
from odograph.statistics.values import (
    Comparison,
    Correlation,
    Estimate,
    Interval,
    PValue,
    known,
    known_bounds,
)


class Tested(TypedDict, total=False):
    """The test of a finding; the fields of `Finding`."""

    test: str
    family: str
    p: float | None
    p_adjusted: float | None
    d_z: float | None


class Overrides(Tested, total=False):
    """What of a finding is not as usual in its study; the fields of `Finding`."""

    unit: str
    n: int
    unit_of_inference: str
    excluded: int
    null: str
    headline: str
    estimate_of: str
    verdict: str
    weight: int
    null_values: tuple[NullValue, ...]
    evidence: tuple[str, ...]
    readings: tuple[Reading, ...]
    survives: bool
    show: Mapping[str, Any]
    data: Any


@dataclass(frozen=True)
class FindingDefaults:
    """What the findings of one study on one run share, unless a finding says otherwise.

    The card is put on them with the result.

    Attributes:
        study: its name.
        n, excluded: units used, and left out.
        null: what is shown beside the numbers, as `run_words.twin_null` gives it.
        unit: of the estimates.
        unit_of_inference: what is counted.
        measure: that they speak of, where it is not the one of the study.
        scope: a sentence behind every statement, where not all tokens are meant.
    """

    study: str
    n: int
    null: str
    excluded: int = 0
    unit: str = "1"
    unit_of_inference: str = PASSAGE
    measure: str = ""
    scope: str = ""

    def comparison(self, found: Comparison, more: str = "", plainly: str = "") -> Finding:
        """The finding of a difference, in its own words, with `more` said behind them.

        plainly: what the plain sentence says besides.
        """
        estimate = found.estimate
        return self.finding_of(
            difference_words(found, more, plainly),
            estimate.value,
            estimate.interval,
            unit=estimate.unit,
            n=estimate.n,
            unit_of_inference=estimate.unit_of_inference,
            excluded=estimate.excluded,
            null=found.null,
            estimate_of="difference",
            **tested_as(found.tested),
        )

    def correlation(self, found: Correlation, words: Words) -> Finding:
        """The finding of a correlation, or of two models' difference in it."""
        return self.finding_of(
            words,
            found.r,
            found.interval,
            unit="r" if found.of is None else "difference of r",
            estimate_of="r" if found.of is None else "difference",
            n=found.n,
            unit_of_inference=found.unit_of_inference,
            excluded=found.excluded,
            null=found.null,
            **tested_as(found.tested),
        )

    def estimate(
        self, value: float, interval: Interval | None, n: int, excluded: int | None = None
    ) -> Estimate:
        """A number over so many units, in the unit of the findings; `excluded` if not as usual."""
        left_out = self.excluded if excluded is None else excluded
        return Estimate(float(value), self.unit, n, self.unit_of_inference, interval, left_out)

    def read_in(self, drawn: DrawnDocuments) -> "FindingDefaults":
        """The same of what was read in some documents: said, and the others counted."""
        scope = f"{self.scope}{drawn.sentence}".strip()
        return replace(self, scope=scope, excluded=drawn.left_out)

    @property
    def sample(self) -> str:
        """The units in a sentence: "n = 54 passages"."""
        return self.counted(self.n)

    def counted(self, n: int) -> str:
        """Other units of the same kind, in the same words."""
        return counted(n, self.unit_of_inference)

    def units(self, count: int) -> str:
        """So many units: "54 passages"."""
        return several(count, self.unit_of_inference)

    def finding_of(
        self,
        words: Words,
        estimate: float | None,
        interval: Interval | None = None,
        **overrides: Unpack[Overrides],
    ) -> Finding:
        """The finding with words that `sentences` renders; else as `finding`."""
        overrides.setdefault("headline", words.headline)
        return self.finding(words.statement, words.plain, estimate, interval, **overrides)

    def finding(
        self,
        statement: str,
        plain: str,
        estimate: float | None,
        interval: Interval | None = None,
        **overrides: Unpack[Overrides],
    ) -> Finding:
        """A finding of this study; without a test it is descriptive.

        NaN as estimate, p or bound of an interval stands for none: no test, no interval.
        """
        standing: Overrides = {
            "unit": self.unit,
            "n": self.n,
            "unit_of_inference": self.unit_of_inference,
            "excluded": self.excluded,
            "test": "none: descriptive",
            "family": "none",
            "null": self.null,
        }
        record = standing | overrides
        if self.measure:
            record["show"] = {"measure": self.measure, **record.get("show", {})}
        statement = _both(statement, self.scope)
        if record["n"] == 1 and record["unit_of_inference"] in (PASSAGE, DOCUMENT):
            statement = _of_one_text(statement)
        record["test"] = name_of_test(record["test"])
        record["null"] = name_of_null(record["null"])
        record["p"] = known(record.get("p"))
        record["p_adjusted"] = known(record.get("p_adjusted"))
        return Finding(
            study=self.study,
            statement=statement,
            plain=plain,
            estimate=known(estimate),
            interval=known_bounds(interval),
            **record,
        )


def tested_as(tested: PValue) -> Tested:
    """Test, family and p of a finding."""
    alone = tested.p if tested.alone is None else tested.alone
    return {
        "test": test_words(tested),
        "family": family_words(tested),
        "p": alone,
        "p_adjusted": tested.p,
        "d_z": tested.d_z,
    }


def _both(said: str, more: str) -> str:
    return f"{said} {more}" if more else said


def _of_one_text(statement: str) -> str:
    """What holds of one passage says so: no interval over passages and no test stands behind it."""
    return statement if "one text" in statement else f"{statement} Descriptive, one text."
