"""`odograph demo`: the main job on the model and the texts that come with odograph."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from odograph.cli.findings import print_found, tell_left_out
from odograph.cli.options import AsJson, Out, Quiet
from odograph.cli.spinner import studying
from odograph.errors import StudyError

if TYPE_CHECKING:
    from odograph.folder.run import Run
    from odograph.studies.demo import DemoRun
    from odograph.studies.study import Study


@dataclass(frozen=True)
class DemoPart:
    """A run of the demonstration and the studies it serves; the first names its folder."""

    run: "DemoRun"
    studies: "tuple[Study, ...]"

    @property
    def folder(self) -> str:
        """The name of the run's folder."""
        return self.studies[0].name


def demo_parts(studies: "Iterable[Study]") -> list[DemoPart]:
    """The runs of the demonstration in the order of their first study; studies without are out."""
    shared: list[tuple[DemoRun, list[Study]]] = []
    for study in studies:
        if study.demo is None:
            continue
        for run, served in shared:
            if run == study.demo:
                served.append(study)
                break
        else:
            shared.append((study.demo, [study]))
    return [DemoPart(run, tuple(served)) for run, served in shared]


def demo(
    context: typer.Context,
    out: Out = Path("odograph-demo"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Do all studies on the bundled model and texts; needs no network. Replaces its last output."""
    from odograph.cli.silence import silence_libraries
    from odograph.folder.lock import making
    from odograph.folder.own_files import REPORT, refuse_foreign_report
    from odograph.report import write_report

    silence_libraries(quiet=quiet)
    with making(out, context.obj):
        refuse_foreign_report(out / REPORT)
        runs = [
            _done(part, out / part.folder, context.obj, progress=not quiet)
            for part in demo_parts(_studies(quiet=quiet))
        ]
        path = write_report(
            runs,
            out / "report.html",
            command=context.obj,
            title="odograph demo: the bundled model",
        )
    print_found(runs, path, as_json=as_json, quiet=quiet)


def _studies(*, quiet: bool) -> "list[Study]":
    """All studies; one of a package that cannot be loaded is named and left out."""
    from odograph.studies import find, study_names

    loaded = []
    for name in study_names():
        try:
            loaded.append(find(name))
        except StudyError as error:
            if not quiet:
                tell_left_out(name, error)
    return loaded


def _done(part: DemoPart, out: Path, command: str, *, progress: bool) -> "Run":
    from odograph.figures.painters import spare
    from odograph.run.measure import measure_config
    from odograph.run.options import make_config
    from odograph.studies import analyse
    from odograph.studies.demo import united

    needs, names = [study.needs for study in part.studies], [study.name for study in part.studies]
    options = united(needs, {**part.run.options, "texts": part.run.texts})
    run = measure_config(
        make_config(options), out, command=command, overwrite=True, progress=progress
    )
    with studying(names, show=progress) as answered:
        return analyse(run, names, painters=spare(), answered=answered)
