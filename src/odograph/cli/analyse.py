"""`odograph analyse`: studies again on a run that is there, without the model."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from odograph.cli.findings import print_findings, tell_report
from odograph.cli.options import AsJson, Quiet, Run
from odograph.cli.waiting import waiting
from odograph.errors import StudyError, UsageError

if TYPE_CHECKING:
    from odograph.run.results import Run as OpenRun


def analyse(
    context: typer.Context,
    run: Run,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="Studies; all that the run can serve by default."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Do studies again on a run, without the model; rewrite its report."""
    from odograph.report import write_report
    from odograph.run.results import open_run
    from odograph.studies import analyse as do_studies

    opened = open_run(run)
    if opened.manifest["kind"] == "comparison":
        raise UsageError(
            f"'{run}' is a comparison",
            expected="a run",
            remedy="Compare its runs again with `odograph compare`.",
        )
    with waiting(f"analysing {run}", show=not quiet):
        done = do_studies(opened, names) if names else _all_possible(opened, quiet=quiet)
    path = write_report([run], run / "report.html", command=context.obj)
    print_findings([done], as_json=as_json, only=names or ())
    tell_report(path, quiet=quiet)


def _all_possible(run: "OpenRun", *, quiet: bool) -> "OpenRun":
    """Every study that the run can serve; says on stderr why another was left out.

    Raises:
        StudyError: the run can serve none.
    """
    from odograph.studies import NAMES
    from odograph.studies import analyse as do_studies

    done, refused = run, 0
    for name in NAMES:
        try:
            done = do_studies(run, [name])
        except StudyError as error:
            refused += 1
            if not quiet:
                print(f"odograph: {name} is left out: {error}", file=sys.stderr)
    if refused == len(NAMES):
        raise StudyError(
            f"'{run.folder}' can serve no study", remedy="`odograph analyse RUN NAME` says why."
        )
    return done
