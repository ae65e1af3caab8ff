"""What a section of a study is: a function that answers one question whole.

Finding, figure, table and note, with null, halves and sensitivity, for whatever design the
question takes. What every claim has in common is done in one place, by `Study`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from odograph.folder.run import Run
from odograph.folder.run_words import no_pair_because, twin_null
from odograph.folder.selection import columns_of
from odograph.folder.target_pairs import View
from odograph.measures import MEASURES
from odograph.sentences.english import several
from odograph.sentences.record import PRIMARY, TESTED, Finding
from odograph.studies.claim import Claim, examined, on_card
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import paired_tests
from odograph.studies.result import Plot, StudyResult, Table
from odograph.studies.sample import Quantity, Sample, read_sample
from odograph.studies.tidy import curves_table

_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Answer:
    """What a section gives; each part may be empty.

    `designed`: it answers what the design of the run asks, and has the primary test of the study.
    """

    claims: Sequence[Claim] = ()
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    designed: bool = False


def result_of(
    study: str, question: str, answers: Sequence[Answer], card: Mapping[str, str], *, seed: int
) -> StudyResult:
    """The answers together; what no claim may forget is done here, and the card is put on each."""
    found = [examined(claim, seed) for each in _one_primary(answers) for claim in each.claims]
    card = {**card, "test": _tests_of(found, card["test"])}
    plots = [plot for each in answers for plot in each.plots]
    tables = [table for each in answers for table in each.tables]
    return StudyResult(
        study=study,
        question=question,
        findings=[on_card(finding, card) for finding in found],
        plots=plots,
        tables=[*tables, *curves_table(study.replace("-", "_"), plots)],
        card=card,
        notes=[note for each in answers for note in each.notes],
    )


def _one_primary(answers: Sequence[Answer]) -> list[Answer]:
    """The answers, of which those to the design alone have a primary test where there are any."""
    if not any(each.designed and each.claims for each in answers):
        return list(answers)
    return [
        each if each.designed else replace(each, claims=[behind(one) for one in each.claims])
        for each in answers
    ]


def behind(claim: Claim) -> Claim:
    """The claim as one that is not the primary test of its study."""
    finding = claim.finding
    if finding.weight != PRIMARY:
        return claim
    return replace(claim, finding=replace(finding, weight=TESTED))


def _tests_of(findings: Sequence[Finding], named: str) -> str:
    """The tests that a card names: those of the study, and whichever else a finding rests on."""
    used = [test for each in findings for test in (each.over_documents.get("test"), each.test)]
    more = [test for test in dict.fromkeys(used) if test and not test.startswith("none")]
    if named.startswith("none") and more:
        named = ""
    said = [named, *(test for test in more if test not in named)]
    return "; ".join(filter(None, said))


#: What is shown where a run has no measure that a finding speaks of.
_ELSE = "rotation"


def with_views(
    findings: Sequence[Finding], answers: Sequence[Answer], run: Run, lead: str, tokens: View
) -> list[Finding]:
    """The findings of these answers, each with the view that shows it: see `with_view`."""
    claims = [claim for answer in answers for claim in answer.claims]
    return [
        with_view(finding, run, claim.places, lead, tokens)
        for finding, claim in zip(findings, claims, strict=True)
    ]


def with_view(
    finding: Finding, run: Run, places: Mapping[str, int], lead: str, tokens: View
) -> Finding:
    """The finding with the state of a page that shows it: run, measure, layer, passage, a, b.

    The measure is the finding's own, or else that of its study. The layer is the
    first of the places that the finding names.

    Args:
        finding: its `show` names what differs from the study: measure, minus.
        run: whose tokens are shown.
        places: the layers that the finding names.
        lead: the measure of its study.
        tokens: what `first_tokens` gives of the run.
    """
    own = dict(finding.show)
    there = columns_of(run, "layers")
    named = own.pop("measure", lead)
    measure = next((name for name in (named, lead, _ELSE) if name in there), None)
    if measure is None:
        return finding
    view = {"run": run.name, "measure": measure, **own}
    layer = next((layer for layer in places.values() if 0 <= layer <= run.blocks), None)
    return replace(finding, show=view | ({} if layer is None else {"layer": layer}) | dict(tokens))


class Analysis:
    """One study at work on one run; what several sections look at is read once.

    Attributes:
        study: its name.
        run: the run, or with --split the confirmation half of it.
    """

    def __init__(self, study: str, run: Run) -> None:
        self.study = study
        self.run = run
        self._samples: dict[Quantity, Sample] = {}
        self._read: dict[Callable[..., Any], Any] = {}

    @property
    def prefix(self) -> str:
        """What names of figures and tables begin with."""
        return self.study.replace("-", "_")

    def sample(self, quantity: Quantity) -> Sample:
        """The quantity in this run with all its nulls."""
        if quantity not in self._samples:
            self._samples[quantity] = read_sample(self.run, quantity)
        return self._samples[quantity]

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Those read so far, in their order."""
        return tuple(self._samples.values())

    def once(self, make: "Callable[[Analysis], _Read]") -> _Read:
        """What `make` gives of this analysis, made the first time only."""
        if make not in self._read:
            self._read[make] = make(self)
        return self._read[make]  # type: ignore[no-any-return]

    def read(self, reader: Callable[[Run], _Read]) -> _Read:
        """What a reader of run folders gives of the run, read the first time only."""
        if reader not in self._read:
            self._read[reader] = reader(self.run)
        return self._read[reader]  # type: ignore[no-any-return]

    def defaults(self, sample: Sample) -> FindingDefaults:
        """What findings about a sample share; the study adds the card."""
        asked = sample.quantity
        shared = self.defaults_over(len(sample.leading), excluded=sample.excluded, unit=asked.unit)
        return replace(shared, measure=asked.expression if asked.expression in MEASURES else "")

    def defaults_over(
        self, n: int, *, excluded: int = 0, unit: str = "1", null: str = "", of: str = ""
    ) -> FindingDefaults:
        """What findings over so many units share.

        null, of: where they are not the twins and the run's own unit of inference.
        """
        return FindingDefaults(
            self.study,
            n=n,
            null=null or twin_null(self.run),
            excluded=excluded,
            unit=unit,
            unit_of_inference=of or self.run.unit,
        )

    def name(self, quantity: Quantity, what: str) -> str:
        """The name of a figure or table about a quantity: that of the study, then what it is of."""
        leads = not self.samples or self.samples[0].quantity == quantity
        return f"{self.prefix}_{what}" if leads else f"{self.prefix}_{quantity.key}_{what}"


#: A function, made by one of `questions` or written for one study alone.
Section = Callable[[Analysis], Answer]


def sample_card(analysis: Analysis) -> tuple[str, str]:
    """Unit and tests of the quantity that leads, as the card names them."""
    if not analysis.samples:
        return "the run", "none: descriptive"
    sample = analysis.samples[0]
    count = len(sample.leading)
    if sample.groups is None:
        return (
            f"{several(count, analysis.run.unit)}{_left_out(sample)}",
            f"none: {no_pair_because(analysis.run)}",
        )
    pairs = "1 pair" if count == 1 else f"{count:,} pairs, one a {analysis.run.unit}"
    return f"{pairs}{_left_out(sample)}", paired_tests(sample.groups)


def _left_out(sample: Sample) -> str:
    """How many units gave no curve; why, `left out` and the table of pairs say."""
    return f"; {sample.excluded} left out" if sample.excluded else ""
