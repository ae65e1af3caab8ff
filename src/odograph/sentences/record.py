"""A finding as a record: the numbers, what they are held against, and the words made of them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from odograph.sentences.english import capital, counted
from odograph.sentences.names import name_of_test
from odograph.sentences.numbers import in_unit
from odograph.sentences.sizes import is_of_interest, size_sentences
from odograph.sentences.verdicts import BEYOND, DESCRIBES, LIKE, UNDECIDED, UNTRAINED
from odograph.sentences.wording import LONGEST_EVIDENCE
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import ALPHA

#: Of the primary test of a study, of other tested findings, of descriptions, and of what one of its
#: own readings contradicts.
PRIMARY, TESTED, DESCRIPTION, CONTRADICTED = 3, 2, 1, 0
#: What answers the question of a study that has no test: before descriptions that survive all
#: readings and other tests, behind primary tests.
LEAD, _LEADS = -1, 2.5
#: What surviving all readings adds: it decides within a rank, and nothing overtakes a primary test.
SURVIVES = 0.4

_NOT_TESTED = "none"
_CLAUSE = re.compile(r" \(|[.:;](?:\s|$)")


class Words(NamedTuple):
    """The words of a finding, rendered from its numbers: as `Finding` has them."""

    statement: str
    plain: str
    headline: str = ""


@dataclass(frozen=True)
class NullValue:
    """What a null gives of the same quantity, in the unit of the estimate.

    Attributes:
        name: of the null: "untrained twins", "random order".
        estimate: its mean.
        low, high: its range: of the seeds where there are several; None where it is not known.
        seeds: how often it was drawn or measured; 0 for a null in closed form.
        values: what each of the seeds gives; () where that is not kept.
    """

    name: str
    estimate: float
    low: float | None = None
    high: float | None = None
    seeds: int = 0
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A finding read another way.

    Attributes:
        name: of an angle `trimmed`, without the outlier coordinates, or `centred`, about the mean
            state; of a difference between tokens `like_pieces`, without those of split words.
        estimate, interval, p_adjusted: as those of the finding.
        places: the layers that it names, by what they are ("peak").
    """

    name: str
    estimate: float | None
    interval: tuple[float, float] | None
    p_adjusted: float | None = None
    places: Mapping[str, int] = field(default_factory=dict)

    def against(self, finding: "Finding") -> str:
        """By what it contradicts a finding: its own "test", or its "sign"; "" where it does not.

        A test there that shows nothing says so, whichever sign its estimate has.
        """
        if finding.tested and self.p_adjusted is not None and self.p_adjusted >= ALPHA:
            return "test"
        return "sign" if sign(self) * sign(finding) < 0 else ""


@dataclass(frozen=True)
class Finding:
    """One statement of a study with effect, interval, n, test, family and null.

    `p` and `p_adjusted` are None where no test was made; `test` then says so ("none: descriptive").
    `plain` says the same to a student, without symbols. `data` is what a program can use of it:
    plain JSON values, not shown to a reader.

    Attributes:
        headline: what was found, in one clause without brackets; the first of `statement` if empty.
        estimate_of: what the estimate is, where the headline does not say its number: "difference".
        evidence: what sections add to what the record itself says of sample and nulls.
        verdict: one of `VERDICTS`; by `verdict_of` if empty.
        null_values: what each null gives.
        weight: how far to the front a test belongs, `TESTED` if 0; what was not tested is a
            `DESCRIPTION`, whatever stands here, but for the `LEAD` of a study without a test.
            `SURVIVES` more of what survives all readings, `CONTRADICTED` of what one of them is
            against.
        show: where a page shows it: run, measure, layer, passage, a, b, minus, against, tab; what
            of them applies. A study says only what differs from its own (`studies.section`).
        readings: the same read in other ways; none where there is one only.
        survives: whether all readings say the same; None where that is not asked.
        over_documents: where the leading test is that over seeds, the one over documents: test,
            family, null, p, p_adjusted, and in how many of how many twins it rejects too.
        d_z: where the test is of a mean over units, that mean in their standard deviations.
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
    card: Mapping[str, str] = field(default_factory=dict)
    data: Any = None
    headline: str = ""
    estimate_of: str = ""
    evidence: tuple[str, ...] = ()
    verdict: str = ""
    null_values: tuple[NullValue, ...] = ()
    weight: int = 0
    show: Mapping[str, Any] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    survives: bool | None = None
    over_documents: Mapping[str, Any] = field(default_factory=dict)
    d_z: float | None = None

    @property
    def twins(self) -> NullValue | None:
        """What untrained twins give of it; None where it is not told beside them."""
        return next((null for null in self.null_values if null.name == UNTRAINED), None)

    @property
    def over_seeds(self) -> bool:
        """Whether the leading test is that over seeds."""
        return self.test == name_of_test(SignificanceTest.SEEDS)

    @property
    def tested(self) -> bool:
        """Whether it rests on a test."""
        return self.p is not None and not self.test.startswith(_NOT_TESTED)

    @property
    def of_interest(self) -> bool:
        """Whether it is not less than is of interest, where units are so many that all is found."""
        return self.over_seeds or is_of_interest(self.d_z, self.n)

    @property
    def _rank(self) -> float:
        """Its weight before readings.

        Without a test a description, and with one of many units where it is not of interest; one
        that answers its study's question leads those of a study without tests, and no primary test.
        """
        if self.weight == LEAD:
            return _LEADS
        if self.test.startswith(_NOT_TESTED) or not self.of_interest:
            return DESCRIPTION
        return self.weight or (TESTED if self.tested else DESCRIPTION)

    @property
    def _weight(self) -> float:
        """Its rank, with what its readings say of it."""
        if self.survives is False and any(one.against(self) for one in self.readings):
            return CONTRADICTED
        return self._rank + (SURVIVES if self.survives else 0)

    def record(self) -> dict[str, Any]:
        """The finding as plain values for JSON (NaN never occurs: it is None), its words rendered.

        Without `data` or `d_z` there is no such key, nor `readings` and `survives` of what has one
        reading. What of the evidence is too much for it ends the statement.
        """
        evidence, beyond = _within([*_evidence(self), *self.evidence])
        found = self.p_adjusted is not None and self.p_adjusted < ALPHA
        sized = size_sentences(self.d_z, self.n, self.unit_of_inference, found=found)
        values = asdict(self) | {
            "headline": self.headline or first_clause(self.statement),
            "evidence": evidence,
            "statement": " ".join(
                [self.statement, *(f"{capital(part)}." for part in beyond), *sized]
            ),
            "verdict": self.verdict or verdict_of(self),
            "null_values": [_finite(asdict(value)) for value in _known(self.null_values)],
            "readings": [_finite(asdict(reading)) for reading in self.readings],
            "weight": self._weight,
        }
        absent = {name for name in ("data", "d_z") if values[name] is None}
        absent |= set() if self.readings else {"readings", "survives"}
        return {name: value for name, value in values.items() if name not in absent}


def sign(found: Finding | Reading) -> float:
    """1 or -1; 0 where the interval holds 0: that curves differ, say, has no sign."""
    if found.interval is not None and found.interval[0] <= 0 <= found.interval[1]:
        return 0.0
    return math.copysign(1.0, found.estimate) if found.estimate else 0.0


def verdict_of(finding: Finding) -> str:
    """What the numbers allow to be said of a finding beside its null, one of `VERDICTS`.

    `beyond`: the leading test has an adjusted p below .05; beside untrained twins that is the test
    over seeds. A test over documents alone never says so there, but where it finds nothing, the
    sentence says that nothing is shown, and the finding is not beyond its null either. `like`: the
    interval lies inside the range of a null with several seeds, that of twins: so its difference to
    the null lies inside their own range. `describes`: nothing was tested. Else `undecided`.
    """
    p = finding.p if finding.p_adjusted is None else finding.p_adjusted
    leading = finding.tested and (finding.twins is None or finding.over_seeds)
    if leading and p is not None and p < ALPHA and _shown_over_documents(finding):
        return BEYOND
    if finding.interval is not None and any(
        _inside(finding.interval, value) for value in finding.null_values
    ):
        return LIKE
    return UNDECIDED if finding.tested else DESCRIBES


def _inside(interval: tuple[float, float], null: NullValue) -> bool:
    if null.seeds < 2 or null.low is None or null.high is None:
        return False
    return null.low <= interval[0] and interval[1] <= null.high


def _shown_over_documents(finding: Finding) -> bool:
    """Whether the test over documents beside that over seeds rejects, where there is one."""
    p = finding.over_documents.get("p_adjusted")
    return p is None or p < ALPHA


def first_clause(statement: str) -> str:
    """A statement up to its first bracket, colon or full stop: what stands for a headline."""
    return _CLAUSE.split(statement, maxsplit=1)[0].strip()


def _evidence(finding: Finding) -> Sequence[str]:
    """Who was counted, and what each null gives."""
    left = f", {finding.excluded} left out" if finding.excluded else ""
    sample = f"{counted(finding.n, finding.unit_of_inference)}{left}"
    return [sample, *(_beside(value, finding.unit) for value in _known(finding.null_values))]


def _within(parts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The parts of an evidence that it has words for, the first ones first, and the others."""
    kept: list[str] = []
    beyond: list[str] = []
    for part in parts:
        fits = len(" ".join([*kept, part]).split()) <= LONGEST_EVIDENCE
        (kept if fits else beyond).append(part)
    return kept, beyond


def _known(values: Sequence[NullValue]) -> list[NullValue]:
    """Those that are numbers: too few passages give none."""
    return [value for value in values if math.isfinite(value.estimate)]


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """None in the place of what is not a number."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }


def _beside(null: NullValue, unit: str) -> str:
    """What a null gives, in the digits of the finding's own number."""
    mean = f"{null.name}: {in_unit(null.estimate, unit)}"
    if null.low is None or null.high is None:
        return mean
    return f"{mean} ({in_unit(null.low, unit)} to {in_unit(null.high, unit)})"
