"""`odograph study`: one study from the texts to the report, on one model or on several."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odograph.cli.demo import PARTS
from odograph.cli.findings import print_findings, tell_report
from odograph.cli.options import AsJson, Given, Out, Overwrite, Quiet, Resume, takes_options
from odograph.errors import OdographError, RunError

if TYPE_CHECKING:
    from odograph.run.config import RunConfig
    from odograph.run.results import Run
    from odograph.studies.study import Study

_NAME = f"The study: {', '.join(part.study for part in PARTS)}."


@dataclass(frozen=True)
class _Job:
    """How the runs are made, whatever the model."""

    study: "Study"
    command: str
    resume: bool
    overwrite: bool
    progress: bool


@takes_options(repeated=["model"])
def study(
    context: typer.Context,
    given: Given,
    name: Annotated[str, typer.Argument(metavar="NAME", help=_NAME)],
    out: Out,
    resume: Resume = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure, analyse and report one study; with several models, compare them too."""
    from odograph.studies import find

    chosen = find(name)
    typed = given.flags.get("model", [])
    flags = Given({k: v for k, v in given.flags.items() if k != "model"}, given.file)
    models = typed or [flags.config().model]
    configs = [flags.config(chosen.needs, model=model) for model in models]
    from odograph.cli.silence import silence_libraries

    silence_libraries(quiet=quiet)
    job = _Job(chosen, context.obj, resume, overwrite, not quiet)
    failed: list[str] = []
    if len(configs) == 1:
        found = [_measured(configs[0], out, job)]
    else:
        found, failed = _several(configs, out, job)
    _finish(found, out, job, as_json=as_json, quiet=quiet)
    if failed:
        raise OdographError(f"{len(failed)} of {len(configs)} models failed. {' '.join(failed)}")


def _measured(config: "RunConfig", out: Path, job: _Job) -> "Run":
    """The run of one model, with the study's results in it."""
    from odograph.run.measure import measure_config
    from odograph.studies import analyse

    run = measure_config(
        config,
        out,
        command=job.command,
        resume=job.resume,
        overwrite=job.overwrite,
        progress=job.progress,
    )
    return analyse(run, [job.study.name])


def _several(configs: "Sequence[RunConfig]", out: Path, job: _Job) -> "tuple[list[Run], list[str]]":
    """The comparison (where the study has one) and the runs; and what went wrong with a model."""
    from odograph.run.manifest import folder_names
    from odograph.studies import compare

    _check_group(out, job)
    runs: list[Run] = []
    failed: list[str] = []
    for config, name in zip(configs, folder_names([c.model for c in configs]), strict=True):
        try:
            runs.append(_measured(config, out / name, job))
        except OdographError as error:
            failed.append(f"{config.model}: {error}")
    if not runs:
        raise OdographError(f"no model could be measured. {' '.join(failed)}")
    if len(runs) < 2 or job.study.compare is None:
        return runs, failed
    return [compare(runs, out, names=[job.study.name], command=job.command), *runs], failed


def _check_group(out: Path, job: _Job) -> None:
    """Makes sure that `out` may hold several runs, before the first is measured."""
    from odograph.run.results import read_manifest

    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if (out / "manifest.json").is_file() and read_manifest(out)["kind"] == "run":
        raise RunError(f"'{out}' is the run of one model", remedy="Choose another --out.")
    if not (job.resume or job.overwrite):
        raise RunError(
            f"'{out}' is not empty",
            remedy="Choose another --out, continue it with --resume, or replace it with "
            "--overwrite.",
        )


def _finish(found: "Sequence[Run]", out: Path, job: _Job, *, as_json: bool, quiet: bool) -> None:
    """One report over everything, and the findings on stdout."""
    from odograph.report import write_report

    path = write_report([f.folder for f in found], out / "report.html", command=job.command)
    print_findings(found, as_json=as_json, only=[job.study.name])
    tell_report(path, quiet=quiet)
