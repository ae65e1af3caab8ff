"""Several runs seen together: what the studies give of them, and the folder that holds it.

Two runs with the same tokens are written as the folder of their difference, which reads like a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from odograph.errors import RunError, StudyError, UsageError
from odograph.folder.comparison import label, manifest_of, refuse_halves
from odograph.folder.difference import (
    MoreColumns,
    Subtraction,
    TwoRuns,
    remove_difference,
    write_difference,
)
from odograph.folder.lock import making
from odograph.folder.manifest import MANIFEST, found_manifest
from odograph.folder.run import Run, open_run
from odograph.folder.same_tokens import require_same_tokens
from odograph.folder.series import Series
from odograph.folder.writer import write_json
from odograph.studies.refusals import refusal, try_each
from odograph.studies.registry import OF_DIFFERENCES, find, study_names
from odograph.studies.result import StudyResult, confirmation_half, with_split_words, write_result
from odograph.studies.study import Study


@dataclass(frozen=True, eq=False)
class ComparedResults:
    """What studies give of several runs.

    Attributes:
        runs: those compared.
        series: what they are in the order of; None for no order.
        more: what was measured of both models together; None for nothing.
        results: of the studies that look at several runs.
        differences: the studies that are to be done on the difference of the two runs.
        refused: the studies that refuse these runs, and why.
    """

    runs: Sequence[Run]
    series: Series | None
    more: MoreColumns | None
    results: Sequence[StudyResult]
    differences: Sequence[str]
    refused: Mapping[str, StudyError]


def compared_results(
    asked: Sequence[Run] | Series | TwoRuns, out: Path, names: Sequence[str]
) -> ComparedResults:
    """What the studies of these names give; without names, all that compare.

    Raises:
        StudyError: a named study, or every study, refuses these runs.
        RunError: `out` is a run folder.
    """
    runs = asked if isinstance(asked, Sequence) else asked.runs
    if len(runs) < 2:
        raise UsageError("nothing to compare", expected="two runs or more", given=str(len(runs)))
    series = asked if isinstance(asked, Series) else None
    more = asked.more if isinstance(asked, TwoRuns) else None
    both = not names and len(runs) == 2 and series is None
    differences = [name for name in OF_DIFFERENCES if both or name in names]
    others = dict.fromkeys(name for name in names or study_names() if name not in differences)
    studies, broken = try_each(others, lambda one: one)
    able = _comparing(studies, series) if studies else []
    _refuse_run_folder(out)
    refuse_halves(runs)
    seen = [confirmation_half(run) for run in runs]
    results, refused = try_each(
        [one.name for one in able], lambda one: _compared(one, seen, series)
    )
    apart = _not_subtracted(runs, differences)
    if not names:  # models of two sizes are compared all the same, by relative depth
        differences, apart = [name for name in differences if name not in apart], {}
    refused = broken | refused | apart
    tried = len(able) + len(broken) + len(differences)
    if refused and (names or len(refused) == tried):
        raise refusal(refused, tried)
    found = [result for result in results if result is not None]
    return ComparedResults(runs, series, more, found, differences, refused)


def _compared(study: Study, runs: Sequence[Run], series: Series | None) -> StudyResult | None:
    """What a study gives of several runs; None where it looks at one."""
    compare = study.compare_in(series)
    return None if compare is None else with_split_words(compare(runs), runs[0])


def write_comparison(
    found: ComparedResults,
    out: Path,
    command: str,
    made: Mapping[str, bool],
) -> Run:
    """The folder with these results: the difference of two runs, or the comparison of several.

    `made` says how they are written (`write_result`).
    """
    runs = found.runs
    write = partial(write_result, csv_safe=made["csv_safe"], show_card=made["show_card"])
    with making(out, command):
        if found.differences:
            base, run = runs
            names = (label(base, runs), label(run, runs))
            write_difference(Subtraction(base.whole, run.whole, names, found.more), out, command)
        else:
            remove_difference(out)
            write_json(manifest_of(runs, out, command, found.series), out / MANIFEST)
        for result in found.results:
            write(out, result)
        written = open_run(out)
        for name in found.differences:
            seen = confirmation_half(written)
            write(out, with_split_words(find(name).analyse(seen), seen))
    return written.again()


def _not_subtracted(runs: Sequence[Run], differences: Sequence[str]) -> dict[str, StudyError]:
    """Why no run can be taken from the other, for each study of differences; nothing if one can."""
    try:
        if len(runs) != 2:
            raise StudyError("a difference is of two runs", given=str(len(runs)))
        require_same_tokens(*runs)
    except StudyError as error:
        return dict.fromkeys(differences, error)
    return {}


def _comparing(chosen: Sequence[Study], series: Series | None) -> list[Study]:
    """Those of the studies that look at several runs, or at a series."""
    able = [each for each in chosen if each.compare_in(series) is not None]
    if not able:
        raise UsageError(
            f"the study {chosen[0].name} looks at {'no series' if series else 'one run'}",
            remedy="Compare with rotation or path-length.",
        )
    return able


def _refuse_run_folder(out: Path) -> None:
    """A comparison may take the place of an earlier one, never that of a run."""
    earlier = found_manifest(out)
    if earlier is not None and earlier["kind"] == "run":
        raise RunError(
            f"'{out}' is a run", expected="a folder of its own", remedy="Choose another --out."
        )
