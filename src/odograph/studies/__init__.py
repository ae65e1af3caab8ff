"""The studies: each a list of questions, from a finished run to findings, figures and tables.

Nothing here needs a model or torch: a study can be done again on any run folder. The names of the
studies are there at once; the rest is loaded when a study is done. Other packages bring studies of
their own by the entry points `odograph.studies`: see docs/new-study.md.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from odograph.errors import StudyError, UsageError

# At the top, not where it is used: a later first import would put the module in place of `study`.
from odograph.studies.refusals import Refusals, refusal, try_each
from odograph.studies.registry import check_name, find, names_for, study_names
from odograph.studies.result import (
    confirmation_half,
    has_card,
    is_csv_safe,
    with_split_words,
    write_result,
)
from odograph.studies.study import Study

if TYPE_CHECKING:
    from odograph.folder.difference import TwoRuns
    from odograph.folder.run import Run
    from odograph.folder.series import Series
    from odograph.studies.result import StudyResult
    from odograph.studies.study import Answered

__all__ = (
    "Refusals",
    "Study",
    "analyse",
    "attempt",
    "check",
    "compare",
    "find",
    "names_for",
    "refusal",
    "study",
    "study_names",
)


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
    run: "Run",
    names: Sequence[str] = (),
    split: bool | None = None,
    painters: int = 0,
    answered: "Answered | None" = None,
) -> "Run":
    """Does studies on a run; needs no model. Without names, all that the run can serve.

    `split`, `painters` and `answered` as for `attempt`.

    Raises:
        StudyError: a named study cannot be done, none can be done, or the run is a comparison. What
            the others have found is written before that.
    """
    done, refused = attempt(run, names, split, painters, answered=answered)
    asked = len(set(names or names_for(run)))
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
    answered: "Answered | None" = None,
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
        answered: hears of each question that is answered.

    Raises:
        StudyError: the run is a comparison, or too small to be halved.
        UsageError: there is no study of that name; none is done then.
    """
    from odograph.figures.painters import painting
    from odograph.folder.lock import holding
    from odograph.folder.results import list_figures

    _refuse_comparison(run)
    asked = _known(run, names)
    made = {"csv_safe": is_csv_safe([run], csv_safe), "show_card": has_card([run], card)}
    with holding(run.folder):
        with painting(painters) as paint:
            seen = confirmation_half(run, split)
            # Each is loaded in its turn, while painters draw for the one before.
            _, refused = try_each(
                asked,
                lambda one: write_result(run.folder, _answered(one, seen, answered), paint, **made),
            )
        list_figures(run.folder, set(asked) - set(refused))
    return run.again(), refused


def _answered(study: Study, run: "Run", answered: "Answered | None") -> "StudyResult":
    """What a study finds, with the words of a halved run."""
    return with_split_words(study.analyse(run, answered), run)


def _known(run: "Run", names: Sequence[str]) -> list[str]:
    """The studies asked for, each once; without names all that are for such a folder."""
    asked = list(dict.fromkeys(names or names_for(run)))
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


def compare(
    runs: "Sequence[Run] | Series | TwoRuns",
    out: Path,
    *,
    names: Sequence[str] = (),
    command: str = "",
    on_refused: Callable[[str, StudyError], None] | None = None,
    csv_safe: bool | None = None,
    card: bool | None = None,
) -> "Run":
    """Compares runs of several models or texts, or a series, and writes a comparison folder.

    Two runs with the same tokens give the folder of their difference, the second minus the first:
    it reads like a run, and the study `minus` is done on it. Without names, all studies that
    compare: `on_refused` hears of each that refuses these runs. `csv_safe` and `card` as for
    `attempt`.

    Raises:
        StudyError: fewer than two runs, studies that look at one run only, or a named study (or
            every study) refuses these runs; nothing is written then.
        RunError: `out` is a run folder.
    """
    from odograph.studies.several_runs import compared_results, write_comparison

    found = compared_results(runs, out, names)
    for name, error in found.refused.items():
        if on_refused is not None:
            on_refused(name, error)
    made = {"csv_safe": is_csv_safe(found.runs, csv_safe), "show_card": has_card(found.runs, card)}
    return write_comparison(found, out, command, made)


def _opened(run: "Run | str | Path") -> "Run":
    from odograph.folder.run import Run, open_run

    return run if isinstance(run, Run) else open_run(run)
