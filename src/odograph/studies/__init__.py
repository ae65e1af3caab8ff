"""The studies: each one file, from a finished run to findings, figures and tables.

Nothing here needs a model or torch: a study can be done again on any run folder.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from odograph.errors import RunError, StudyError, UsageError
from odograph.run.results import Run, open_run, read_manifest
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
    on_refused: Callable[[str, StudyError], None] | None = None,
) -> Run:
    """Does studies on a run; needs no model.

    Without names, all that the run can serve: `on_refused` hears of each that it cannot.

    Raises:
        StudyError: a named study cannot be done, none can be done, or the run is a comparison.
    """
    if run.manifest["kind"] == "comparison":
        raise StudyError(
            f"'{run.folder}' is a comparison",
            expected="a run",
            remedy="Compare its runs again with `odograph compare`.",
        )
    refused: list[StudyError] = []
    for name in names or NAMES:
        try:
            write_result(run.folder, find(name).analyse(run))
        except StudyError as error:
            if names:
                raise
            refused.append(error)
            if on_refused is not None:
                on_refused(name, error)
    if len(refused) == len(NAMES):
        raise refused[0]
    return open_run(run.folder)


def compare(runs: Sequence[Run], out: Path, *, names: Sequence[str] = (), command: str = "") -> Run:
    """Compares runs of several models or texts and writes a comparison folder.

    Raises:
        StudyError: fewer than two runs, or a study that looks at one run only.
        RunError: `out` is a run folder.
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
    _refuse_run_folder(out)
    results = [each.compare(runs) for each in able if each.compare is not None]
    write_json(manifest_of(runs, out, command), out / "manifest.json")
    for result in results:
        write_result(out, result)
    return open_run(out)


def _refuse_run_folder(out: Path) -> None:
    """A comparison may take the place of an earlier one, never that of a run."""
    if (out / "manifest.json").is_file() and read_manifest(out)["kind"] == "run":
        raise RunError(
            f"'{out}' is a run", expected="a folder of its own", remedy="Choose another --out."
        )


def _opened(run: "Run | str | Path") -> Run:
    return run if isinstance(run, Run) else open_run(run)
