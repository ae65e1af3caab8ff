"""`odograph report`: one HTML file from run folders."""

from pathlib import Path
from typing import Annotated

import typer

from odograph.cli.options import OUTPUT, Runs
from odograph.errors import UsageError
from odograph.terminal import show


def report(
    context: typer.Context,
    runs: Runs,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The HTML file; of a single run, RUN/report.html.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    """Write one HTML file about runs or comparisons; print its path."""
    from odograph.report import write_report

    if out is None and len(runs) > 1:
        raise UsageError(
            "a report on several folders needs a place", expected="--out FILE", given="none"
        )
    folders = [folder for run in runs for folder in _with_parts(run)]
    show(write_report(folders, out or runs[0] / "report.html", command=context.obj))


def _with_parts(folder: Path) -> list[Path]:
    """The folder; a comparison is followed by the runs that it compares."""
    from odograph.folder.manifest import read_manifest

    record = read_manifest(folder)
    parts = record["runs"] if record.get("kind") == "comparison" else []
    return [folder, *(folder / part for part in parts)]
