"""Looking on one half of the passages, testing on the other: what studies share of it.

Studies are given the confirmation half as if it were the run; `run.exploration` is the other one.
What is chosen there (a block, a region, a row) is then one claim and has one test.
"""

from dataclasses import replace

import numpy as np

from odograph.errors import StudyError
from odograph.folder.card import halves_words
from odograph.folder.halves import CONFIRMATION, EXPLORATION, measured_with_split
from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.statistics.intervals import without_spread
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import by_units, paired_t
from odograph.studies.result import StudyResult

#: Six passages in each half: with fewer there is no p-value.
FEWEST = 12


def single_test_of(n: int) -> SignificanceTest:
    """The one test of a mean over n units."""
    return by_units(SignificanceTest.SIGN_FLIP_MEAN, n)


def confirmation_half(run: Run, split: bool | None = None) -> Run:
    """The run as studies see it: whole, or with --split its confirmation half.

    Args:
        run: as it was opened.
        split: whether to halve it; None as the run was measured.

    Raises:
        StudyError: fewer than 12 passages.
    """
    wanted = measured_with_split(run.manifest) if split is None else split
    if not wanted:
        return run.whole
    half = run.half(CONFIRMATION)
    halves = half.manifest["halves"]
    count = halves[EXPLORATION] + halves[CONFIRMATION]
    if count < FEWEST:
        raise StudyError(
            "too few passages to look on one half and test on the other",
            expected=f"{FEWEST} passages or more",
            given=str(count),
            remedy="Measure more, or do the studies without it: odograph analyse RUN --no-split.",
        )
    return half


def with_split_words(result: StudyResult, run: Run) -> StudyResult:
    """The result with the halves in every finding and in the notes; as it is for a whole run."""
    halves = run.manifest.get("halves")
    if not halves:
        return result
    return replace(
        result,
        findings=[
            replace(finding, statement=f"{finding.statement} {_said(finding.statement)}".strip())
            for finding in result.findings
        ],
        notes=[*result.notes, _note(run)],
    )


def _said(statement: str) -> str:
    return "" if "first half" in statement else "Seen on the second half of the passages."


def _note(run: Run) -> str:
    words = halves_words(run.manifest)
    return (
        f"{words[:1].upper()}{words[1:]}: what a finding says was chosen on the first half is "
        "tested on the second; where none says so, nothing was chosen by looking, or the test is "
        "corrected for the choice. Curves, intervals and tables are those of the second half. "
        "Counts of words, exact mean cosines and mean updates are over all passages."
    )


def largest_effect(values: Floats) -> int | None:
    """The column of [passages, L] whose mean is farthest from 0 in standard errors; None for none.

    Chosen on the exploration half.
    """
    if len(values) < 2 or without_spread(values).all():
        return None
    t = np.abs(paired_t(values))
    return int(np.nanargmax(t)) if np.isfinite(t).any() else None
