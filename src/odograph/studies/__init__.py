"""The studies: each a list of questions, from a finished run to findings, figures and tables.

Nothing here needs a model or torch: a study can be done again on any run folder. The names of the
studies are there at once; the rest is loaded when a study is done. Other packages bring studies of
their own by the entry points `odograph.studies`: see docs/new-study.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from odograph.errors import RunError, StudyError, UsageError

# At the top, not where it is used: a later first import would put the module in place of `study`.
from odograph.studies.registry import check_name, find, study_names
from odograph.studies.result import write_result
from odograph.studies.study import Study

if TYPE_CHECKING:
    from odograph.folder.run import Run
    from odograph.folder.series import Series
    from odograph.studies.result import StudyResult

__all__ = (
    "Refusals",
    "Study",
    "analyse",
    "attempt",
    "check",
    "compare",
    "find",
    "refusal",
    "study",
    "study_names",
)

Refusals = Mapping[str, StudyError]
_Done = TypeVar("_Done")


def study(
    name: str, run: "Run | str | Path | Sequence[Run | str | Path]", out: str | Path = ""
) -> "Run":
    """Does a study on a run, or compares several runs, and writes what it finds.

    Args:
        name: of the study, as on the command line.
        run: a run, its folder, or several of them to be compared.
        out: the folder of the comparison; a single run takes the results itself.

    Returns:
        The run, or the comparison folder, whose `.findings` now hold those of the study.
    """
    from odograph.folder.run import Run

    if isinstance(run, Run | str | Path):
        return analyse(_opened(run), [name])
    if not out:
        raise UsageError("a comparison needs a folder", expected="out=FOLDER")
    return compare([_opened(r) for r in run], Path(out), names=[name])


def analyse(
    run: "Run", names: Sequence[str] = (), split: bool | None = None, painters: int = 0
) -> "Run":
    """Does studies on a run; needs no model. Without names, all that the run can serve.

    `split` and `painters` as for `attempt`.

    Raises:
        StudyError: a named study cannot be done, none can be done, or the run is a comparison. What
            the others have found is written before that.
    """
    done, refused = attempt(run, names, split, painters)
    asked = len(set(names or study_names()))
    if refused and (names or len(refused) == asked):
        raise refusal(refused, asked)
    return done


def attempt(
    run: "Run",
    names: Sequence[str] = (),
    split: bool | None = None,
    painters: int = 0,
    csv_safe: bool | None = None,
    card: bool | None = None,
) -> "tuple[Run, Refusals]":
    """Does studies on a run, by default all; gives the run, and why some could not be done.

    Args:
        run: the run.
        names: of the studies.
        split: whether to look on one half of the passages and test on the other; None as the run
            was measured.
        painters: processes that draw while the next study is done (`figures.painters`); the files
            are the same without any.
        csv_safe: whether texts of CSV files that a spreadsheet would run get an apostrophe; None as
            the run was measured.
        card: whether the card is drawn under each figure; None as the run was measured.

    Raises:
        StudyError: the run is a comparison, or too small to be halved.
        UsageError: there is no study of that name; none is done then.
    """
    from odograph.figures.painters import painting
    from odograph.folder.lock import holding
    from odograph.folder.results import list_figures
    from odograph.studies.split import confirmation_half, with_split_words

    _refuse_comparison(run)
    asked = _known(names)
    made = {"csv_safe": _is_csv_safe([run], csv_safe), "show_card": _has_card([run], card)}
    with holding(run.folder):
        with painting(painters) as paint:
            seen = confirmation_half(run, split)
            _, refused = _each(
                asked,  # each loaded in its turn, while painters draw for the one before
                lambda one: write_result(
                    run.folder, with_split_words(one.analyse(seen), seen), paint, **made
                ),
            )
        list_figures(run.folder, set(asked) - set(refused))
    return run.again(), refused


def _known(names: Sequence[str]) -> list[str]:
    """The studies asked for, each once; all without names."""
    asked = list(dict.fromkeys(names or study_names()))
    for name in asked:
        check_name(name)
    return asked


def _refuse_comparison(run: "Run") -> None:
    if run.manifest["kind"] == "comparison":
        raise StudyError(
            f"'{run.folder}' is a comparison",
            expected="a run",
            remedy="Compare its runs again with `odograph compare`.",
        )


def check(study: Study) -> list[str]:
    """What is wrong with a study, a sentence each; nothing for a sound one.

    It is done on its example with an effect planted in it, whole and halved, and on examples
    without. Every finding has effect, interval or the reason why there is none, n, test, family and
    null; every tested claim has its test without each unit and the same in untrained twins; no
    forbidden word is said; what is planted is found, and nothing where nothing is.
    """
    from odograph.studies.soundness import unsound

    return list(unsound(study))


def refusal(refused: Refusals, asked: int) -> StudyError:
    """One error for all refusals: the study's own, where no other was asked for."""
    if asked == 1:
        return next(iter(refused.values()))
    return StudyError(
        f"{len(refused)} of {asked} studies cannot be done",
        remedy=" ".join(f"{name}: {error}" for name, error in refused.items()),
    )


def compare(
    runs: "Sequence[Run] | Series",
    out: Path,
    *,
    names: Sequence[str] = (),
    command: str = "",
    on_refused: Callable[[str, StudyError], None] | None = None,
    csv_safe: bool | None = None,
    card: bool | None = None,
) -> "Run":
    """Compares runs of several models or texts, or a series, and writes a comparison folder.

    Without names, all studies that compare: `on_refused` hears of each that refuses these runs.
    `csv_safe` and `card` as for `attempt`.

    Raises:
        StudyError: fewer than two runs, studies that look at one run only, or a named study (or
            every study) refuses these runs; nothing is written then.
        RunError: `out` is a run folder.
    """
    from odograph.folder.comparison import manifest_of, refuse_halves
    from odograph.studies.split import confirmation_half

    series = None if isinstance(runs, Sequence) else runs
    runs = runs if isinstance(runs, Sequence) else runs.runs
    if len(runs) < 2:
        raise UsageError("nothing to compare", expected="two runs or more", given=str(len(runs)))
    studies, broken = _each(dict.fromkeys(names or study_names()), lambda one: one)
    able = _comparing(studies, series)
    _refuse_run_folder(out)
    refuse_halves(runs)
    seen = [confirmation_half(run) for run in runs]
    results, refused = _each(
        [one.name for one in able],
        lambda one: _compared(one, seen, series),
    )
    refused = broken | refused
    if refused and (names or len(refused) == len(able) + len(broken)):
        raise refusal(refused, len(able) + len(broken))
    for name, error in refused.items():
        if on_refused is not None:
            on_refused(name, error)
    made = {"csv_safe": _is_csv_safe(runs, csv_safe), "show_card": _has_card(runs, card)}
    written = [result for result in results if result is not None]
    return _written(out, manifest_of(runs, out, command, series), written, made)


def _compared(study: Study, runs: "Sequence[Run]", series: "Series | None") -> "StudyResult | None":
    """What a study gives of several runs; None where it looks at one."""
    from odograph.studies.split import with_split_words

    compare = study.compare_in(series)
    return None if compare is None else with_split_words(compare(runs), runs[0])


def _is_csv_safe(runs: "Sequence[Run]", asked: bool | None) -> bool:
    """What is asked for; else safe, unless all runs were measured to be otherwise."""
    measured = (run.manifest["config"] for run in runs)
    return any(config.get("csv_safe", True) for config in measured) if asked is None else asked


def _has_card(runs: "Sequence[Run]", asked: bool | None) -> bool:
    """What is asked for; else as all runs were measured."""
    measured = (run.manifest["config"] for run in runs)
    return all(config.get("card", False) for config in measured) if asked is None else asked


def _written(
    out: Path, record: dict[str, Any], results: "Sequence[StudyResult]", made: dict[str, bool]
) -> "Run":
    """The comparison folder with these results."""
    from odograph.folder.lock import making
    from odograph.folder.manifest import MANIFEST
    from odograph.folder.run import Run
    from odograph.folder.writer import write_json

    with making(out, record["command"]):
        write_json(record, out / MANIFEST)
        for result in results:
            write_result(out, result, csv_safe=made["csv_safe"], show_card=made["show_card"])
    return Run(out, record)


def _comparing(chosen: Sequence[Study], series: "Series | None") -> list[Study]:
    """Those of the studies that look at several runs, or at a series."""
    able = [each for each in chosen if each.compare_in(series) is not None]
    if not able:
        raise UsageError(
            f"the study {chosen[0].name} looks at {'no series' if series else 'one run'}",
            remedy="Compare with rotation or path-length.",
        )
    return able


def _each(
    names: Iterable[str], do: Callable[[Study], _Done]
) -> tuple[list[_Done], dict[str, StudyError]]:
    """What the studies gave one after the other, and why some gave nothing, or are not there."""
    done: list[_Done] = []
    refused: dict[str, StudyError] = {}
    for name in names:
        try:
            done.append(do(find(name)))
        except StudyError as error:
            refused[name] = error
    return done, refused


def _refuse_run_folder(out: Path) -> None:
    """A comparison may take the place of an earlier one, never that of a run."""
    from odograph.folder.manifest import found_manifest

    earlier = found_manifest(out)
    if earlier is not None and earlier["kind"] == "run":
        raise RunError(
            f"'{out}' is a run", expected="a folder of its own", remedy="Choose another --out."
        )


def _opened(run: "Run | str | Path") -> "Run":
    from odograph.folder.run import Run, open_run

    return run if isinstance(run, Run) else open_run(run)
