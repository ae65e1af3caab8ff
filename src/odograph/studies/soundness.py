"""Whether a study keeps to the rules: a finding carries what a reader needs to doubt it."""

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from odograph.folder.drawn_run import drawn_run
from odograph.folder.halves import CONFIRMATION
from odograph.folder.run import Run
from odograph.sentences.forbidden import forbidden
from odograph.sentences.missing import of_finding
from odograph.sentences.wording import of_words, said_twice
from odograph.statistics.permutation import ALPHA
from odograph.studies.claim import Claim
from odograph.studies.result import Plot, StudyResult
from odograph.studies.section import Analysis
from odograph.studies.study import Study

#: Runs without an effect that are looked at; a test may err in some of them.
NULL_RUNS = 5
#: Words of a count of nothing, or of one, where a list or a plural was meant.
_BROKEN = re.compile(
    r"\b(block|layer|state|depth)s? none\b"
    r"|(?<!of )\b1 (untrained twins|passages|blocks|words|tokens)\b"
    r"|\bfamily of 0\b|\bnan\b|\bsignificant|  ",
    re.IGNORECASE,
)


def unsound(study: Study) -> Iterator[str]:
    """What is wrong with a study: see `odograph.studies.check`."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _problems(study, Path(folder))


def _problems(study: Study, folder: Path) -> Iterator[str]:
    if not study.question.endswith("?"):
        yield f"the question of {study.name} ends without a question mark"
    example = study.example or partial(drawn_run, measures=tuple(study.needs.get("measures", ())))
    with example(folder / "planted", 1.0, 0) as run:
        planted = study.analyse(run)
        yield from problems(planted)
        for claim in claims_of(study, run):
            yield from (f"{problem}: '{claim.finding.statement}'" for problem in of_claim(claim))
        yield from problems(study.analyse(run.half(CONFIRMATION)))
    if not _tested(planted):
        return
    if not _found(planted):
        yield "what is planted in its example is not found: no adjusted p is below .05"
    found = 0
    for seed in range(NULL_RUNS):
        with example(folder / f"null-{seed}", 0.0, seed) as run:
            found += _found(study.analyse(run))
    if 2 * found > NULL_RUNS:
        yield f"in {found} of {NULL_RUNS} examples without an effect an adjusted p is below .05"


def claims_of(study: Study, run: Run) -> list[Claim]:
    """What the sections of a study claim of a run, before it is examined."""
    analysis = Analysis(study.name, run)
    return [claim for section in study.sections for claim in section(analysis).claims]


def of_claim(claim: Claim) -> Iterator[str]:
    """What a tested claim is not held against: each unit left out, and untrained twins.

    A claim against the same words in random order has that as its null.
    """
    if claim.finding.p_adjusted is None:
        return
    if claim.without is None or not len(claim.units):
        yield "tested, and not again without each unit (`without`, `units`)"
    beside = claim.twins is not None or claim.seeds is not None or claim.finding.null_values
    if not beside and "random order" not in claim.finding.statement:
        yield "tested, and not held against untrained twins (`twins`)"


def _tested(result: StudyResult) -> bool:
    return any(finding.p_adjusted is not None for finding in result.findings)


def _found(result: StudyResult) -> bool:
    adjusted = [finding.p_adjusted for finding in result.findings]
    return any(p is not None and p < ALPHA for p in adjusted)


def problems(result: StudyResult) -> Iterator[str]:
    """What is wrong with a result, a sentence each."""
    if not result.findings:
        yield f"{result.study} finds nothing"
    for text in sentences(result):
        if forbidden(text):
            yield f"forbidden: {', '.join(forbidden(text))} in '{text}'"
        broken = _BROKEN.search(text)
        if broken is not None:
            yield f"'{broken[0]}' in '{text}'"
    for finding in result.findings:
        yield from (f"{problem}: '{finding.statement}'" for problem in of_finding(finding))
    records = [finding.record() for finding in result.findings]
    for record in records:
        yield from (f"{problem}: '{record['headline']}'" for problem in of_words(record))
    yield from (f"said twice in {result.study}: '{text}'" for text in said_twice(records))
    for table in result.tables:
        if len({len(values) for values in table.columns.values()}) != 1:
            yield f"the columns of the table {table.name} differ in length"
    if len({plot.name for plot in result.plots}) < len(result.plots):
        yield "two figures have one name"
    for plot in result.plots:
        yield from _of_plot(plot)


def sentences(result: StudyResult) -> list[str]:
    """Everything that a result says in words."""
    said = [result.question, *result.notes, *result.card.values()]
    for finding in result.findings:
        said += [finding.statement, finding.plain, finding.null, finding.test, finding.family]
    for plot in result.plots:
        said += [plot.title, plot.caption, plot.null]
    return [*said, *(table.title for table in result.tables)]


def _of_plot(plot: Plot) -> Iterator[str]:
    """A figure says its null and can be drawn."""
    if not plot.null:
        yield f"the figure {plot.name} says no null"
    if not plot.drawing.figure().axes:
        yield f"the figure {plot.name} is empty"
