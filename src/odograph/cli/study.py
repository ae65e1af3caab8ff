"""`odograph study`: one study from the texts to the report, on one model or on several."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odograph.cli.findings import print_found
from odograph.cli.minus import Minus, Together, with_minus
from odograph.cli.model_states import AllowUnrelated, States, both_models
from odograph.cli.options import (
    AsJson,
    DryRun,
    Given,
    OutUnlessDry,
    Overwrite,
    Quiet,
    Resume,
    needed_folder,
    takes_options,
)
from odograph.cli.output_checks import check_group_place
from odograph.cli.preconditions import check_groups
from odograph.cli.series import (
    AllowSame,
    MemberOptions,
    Members,
    OnAxis,
    Revisions,
    refuse_same_members,
)
from odograph.cli.spinner import waiting
from odograph.cli.study_runs import Job, both_runs, each_run, measured_run, order_of
from odograph.errors import OdographError, UsageError
from odograph.studies import study_names

if TYPE_CHECKING:
    from odograph.folder.difference import TwoRuns
    from odograph.folder.run import Run
    from odograph.folder.series import Axis, Series
    from odograph.run.config import RunConfig
    from odograph.studies.study import Study

_NAME = f"{', '.join(study_names())}."


@takes_options(repeated=["model", "name"])
def study(
    invocation: typer.Context,
    given: Given,
    named: Annotated[str, typer.Argument(metavar="NAME", help=_NAME)],
    out: OutUnlessDry = None,
    revisions: Revisions = None,
    series: Members = None,
    axis: OnAxis = None,
    allow_same: AllowSame = False,
    minus: Minus = None,
    states: States = False,
    allow_unrelated: AllowUnrelated = False,
    resume: Resume = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
) -> None:
    """Measure, analyse and report one study; with several models, compare them too."""
    from odograph.studies import find

    chosen = find(named)
    members = MemberOptions(revisions, series or (), axis, allow_same)
    given, together = with_minus(given, minus, chosen, Together(states, allow_unrelated))
    configs = _configs(given, chosen, members)
    check_groups(chosen, configs[0])
    if dry_run:
        from odograph.cli.forecasts import show_forecasts

        show_forecasts(configs)
        return
    folder = needed_folder(out)
    placed = _placed(configs, chosen, members)
    from odograph.cli.silence import silence_libraries
    from odograph.folder.lock import making
    from odograph.folder.own_files import REPORT, refuse_foreign_report

    silence_libraries(quiet=quiet)
    job = Job(chosen, invocation.obj, resume, overwrite, not quiet, placed, allow_same, together)
    with making(folder, job.command):
        refuse_foreign_report(folder / REPORT)
        found, failed = _several(configs, folder, job)
        _finish(found, folder, job, as_json=as_json, quiet=quiet)
    if failed:
        raise _failure(f"{len(failed)} of {len(configs)} models failed", failed)


def _configs(given: Given, chosen: "Study", members: MemberOptions) -> "list[RunConfig]":
    """One config a model, with the name that is given to it.

    Raises:
        UsageError: not as many names as models.
    """
    flags = dict(given.flags)
    models, names = flags.pop("model", []), flags.pop("name", [])
    rest = Given(flags, given.file)
    own = [] if models or members.series else [rest.config().model]
    models = members.models(models or own)
    if names and len(names) != len(models):
        raise UsageError(
            "a name for each model, or for none",
            expected=f"--name {len(models)} times, in the order of --model",
            given=f"{len(names)} times",
        )
    several = zip(models, names or [None] * len(models), strict=True)
    return [
        rest.config(chosen.needs, **model, **({"name": name} if name else {}))
        for model, name in several
    ]


def _placed(
    configs: "Sequence[RunConfig]", chosen: "Study", members: MemberOptions
) -> "Axis | None":
    """Where each member of a series stands; what can be refused is, before anything is measured.

    Raises:
        UsageError: the study looks at no series, or where a member stands cannot be told.
        StudyError: members have the same weights.
    """
    placed = members.placed(configs)
    if placed is None:
        return None
    if chosen.series is None:
        raise UsageError(
            f"the study {chosen.name} looks at no series",
            remedy="Take rotation, neighbours or path-length.",
        )
    if not members.allow_same:
        refuse_same_members(configs)
    return placed


def _several(configs: "Sequence[RunConfig]", out: Path, job: Job) -> "tuple[list[Run], list[str]]":
    """The comparison (where the study has one) and the runs; and what went wrong with a model."""
    if len(configs) == 1:
        return [measured_run(order_of(configs[0], out, job), job)], []
    check_group_place(out, replace=job.resume or job.overwrite)
    if job.together is not None:
        runs = both_runs(configs, out, job)
        asked = both_models(runs, **asdict(job.together), quiet=not job.progress)
        return [_compared(asked, out, job), *runs], []
    runs, places, failed = each_run(configs, out, job)
    if not runs:
        raise _failure("no model could be measured", failed)
    if len(runs) < 2 or not job.compared:
        return runs, failed
    series = _series(runs, places, job)
    if series is None:
        return [_compared(runs, out, job), *runs], failed
    return [_compared(series, out, job), *series.runs], failed


def _compared(asked: "Sequence[Run] | Series | TwoRuns", out: Path, job: Job) -> "Run":
    from odograph.studies import compare

    with waiting(f"{job.study.name}: comparing", show=job.progress):
        return compare(asked, out, names=job.compared, command=job.command)


def _series(runs: "Sequence[Run]", places: Sequence[int], job: Job) -> "Series | None":
    """The runs in the order of the axis; None without one. places: which of the models each is of.

    Raises:
        StudyError: members of a series have the same weights.
    """
    if job.axis is None:
        return None
    from odograph.folder.series import Axis, series_of

    measured = Axis(job.axis.name, tuple(job.axis.values[place] for place in places))
    return series_of(runs, measured, allow_same=job.allow_same)


def _failure(problem: str, failed: Sequence[str]) -> OdographError:
    """One error out of the messages of several, each of which ends with its own full stop."""
    return OdographError(f"{problem}. {' '.join(failed)}".removesuffix("."))


def _finish(found: "Sequence[Run]", out: Path, job: Job, *, as_json: bool, quiet: bool) -> None:
    """One report over everything, and the findings on stdout."""
    from odograph.report import write_report

    path = write_report(found, out / "report.html", command=job.command)
    print_found(found, path, as_json=as_json, quiet=quiet, only={job.study.name, *job.compared})
