"""`odograph compare`: several runs seen together."""

from typing import Annotated

import typer

from odograph.cli.findings import print_found, tell_left_out
from odograph.cli.options import OUTPUT, AsJson, CsvSafe, Out, Quiet, Runs, ShowCard
from odograph.cli.output_checks import check_group_place
from odograph.cli.series import AllowSame, OnAxis
from odograph.cli.spinner import waiting


def compare(
    context: typer.Context,
    runs: Runs,
    out: Out,
    study: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Study; all that compare by default. Repeatable.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    axis: OnAxis = None,
    allow_same: AllowSame = False,
    csv_safe: CsvSafe = None,
    card: ShowCard = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare runs of several models or texts; write a comparison folder, or write it again."""
    from odograph.folder.lock import making
    from odograph.folder.manifest import MANIFEST
    from odograph.folder.run import open_run
    from odograph.folder.series import axis_of, series_of
    from odograph.report import write_report
    from odograph.studies import compare as compare_runs

    opened = [open_run(run) for run in runs]
    series = None if axis is None else series_of(opened, axis_of(axis), allow_same=allow_same)
    opened = opened if series is None else list(series.runs)
    with making(out, context.obj):
        check_group_place(out, replace=(out / MANIFEST).is_file())
        with waiting("comparing", show=not quiet):
            compared = compare_runs(
                series or opened,
                out,
                names=study or (),
                command=context.obj,
                on_refused=None if quiet else tell_left_out,
                csv_safe=csv_safe,
                card=card,
            )
        path = write_report([compared, *opened], out / "report.html", command=context.obj)
    print_found([compared], path, as_json=as_json, quiet=quiet)
