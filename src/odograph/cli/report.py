"""`odograph report`: one HTML file from run folders."""

from pathlib import Path
from typing import Annotated

import typer

from odograph.cli.options import Runs, output_option
from odograph.errors import UsageError
from odograph.terminal import show


def report(
    context: typer.Context,
    runs: Runs,
    out: Annotated[
        Path | None,
        output_option(metavar="FILE", help="The HTML file; of a single run, RUN/report.html."),
    ] = None,
    methods: Annotated[
        bool,
        output_option(
            "--methods",
            help="Print the paragraph for a paper's methods section instead, a run a line.",
        ),
    ] = False,
) -> None:
    """Write one HTML file about runs or comparisons; print its path."""
    from odograph.folder.run import open_run, open_unfinished
    from odograph.report import write_report
    from odograph.report.methods import methods_paragraph

    if methods:
        for run in runs:
            show(methods_paragraph(open_run(run)))
        return
    if out is None and len(runs) > 1:
        raise UsageError(
            "a report on several folders needs a place", expected="--out FILE", given="none"
        )
    opened = [open_unfinished(run) for run in runs]
    shown = [one for run in opened for one in (run, *run.compared)]
    show(write_report(shown, out or runs[0] / "report.html", command=context.obj))
