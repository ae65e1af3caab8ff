"""The studies: each one file, from a finished run to findings, figures and tables.

Nothing here needs a model or torch: a study can be done again on any run folder.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from odograph.errors import StudyError, UsageError
from odograph.run.results import Run, open_run
from odograph.run.writer import write_json

# At the top, not where it is used: a later first import would put the module in place of `study`.
from odograph.studies.study import Study, write_result

_PLACES = {"rotation": "rotation", "path-length": "path_length"}

#: The names of the studies, in the order in which a report shows them.
NAMES: tuple[str, ...] = tuple(_PLACES)


def find(name: str) -> Study:
    """The study of that name.

    Raises:
        UsageError: there is none; names those there are.
    """
    if name not in _PLACES:
        raise UsageError("unknown study", expected=", ".join(NAMES), given=f"'{name}'")
    found: Study = import_module(f"odograph.studies.{_PLACES[name]}").STUDY
    return found


def study(
    name: str, run: "Run | str | Path | Sequence[Run | str | Path]", out: str | Path = ""
) -> Run:
    """Does a study on a run, or compares several runs, and writes what it finds.

    Args:
        name: rotation, path-length.
        run: a run, its folder, or several of them to be compared.
        out: the folder of the comparison; a single run takes the results itself.

    Returns:
        The run, or the comparison folder, whose `.findings` now hold those of the study.
    """
    if isinstance(run, Run | str | Path):
        return analyse(_opened(run), [name])
    if not out:
        raise UsageError("a comparison needs a folder", expected="out=FOLDER")
    return compare([_opened(r) for r in run], Path(out), names=[name])


def analyse(
    run: Run,
    names: Sequence[str] = (),
) -> Run:
    """Does studies (all that the run can serve, by default) on a run; needs no model."""
    for name in names or NAMES:
        write_result(run.folder, find(name).analyse(run))
    return open_run(run.folder)


def compare(runs: Sequence[Run], out: Path, *, names: Sequence[str] = (), command: str = "") -> Run:
    """Compares runs of several models or texts and writes a comparison folder.

    Raises:
        StudyError: fewer than two runs, or a study that looks at one run only.
    """
    from odograph.studies.comparison import manifest_of

    if len(runs) < 2:
        raise StudyError("nothing to compare", expected="two runs or more", given=str(len(runs)))
    chosen = [find(name) for name in names or NAMES]
    able = [study for study in chosen if study.compare is not None]
    if not able:
        raise StudyError(
            f"the study {chosen[0].name} looks at one run", remedy="Compare with path-length."
        )
    write_json(manifest_of(runs, out, command), out / "manifest.json")
    for each in able:
        assert each.compare is not None  # filtered above
        write_result(out, each.compare(runs))
    return open_run(out)


def _opened(run: "Run | str | Path") -> Run:
    return run if isinstance(run, Run) else open_run(run)
