"""`odograph analyse`: studies again on a run that is there, without the model."""

import sys
from typing import Annotated

import typer

from odograph.cli.findings import print_findings, tell_report
from odograph.cli.options import AsJson, Quiet, Run
from odograph.cli.waiting import waiting


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
    with waiting(f"analysing {run}", show=not quiet):
        done = do_studies(opened, names or (), None if quiet else _tell)
    path = write_report([run], run / "report.html", command=context.obj)
    print_findings([done], as_json=as_json, only=names or ())
    tell_report(path, quiet=quiet)


def _tell(name: str, error: Exception) -> None:
    print(f"odograph: {name} is left out: {error}", file=sys.stderr)
