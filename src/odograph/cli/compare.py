"""`odograph compare`: several runs seen together."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from odograph.cli.findings import print_found, tell_left_out
from odograph.cli.model_states import AllowUnrelated, States, both_models
from odograph.cli.options import AsJson, CsvSafe, Out, Quiet, Runs, ShowCard, output_option
from odograph.cli.output_checks import check_group_place
from odograph.cli.series import AllowSame, OnAxis
from odograph.cli.spinner import waiting

if TYPE_CHECKING:
    from odograph.folder.difference import TwoRuns
    from odograph.folder.run import Run as OpenRun
    from odograph.folder.series import Series


Studies = Annotated[
    list[str] | None,
    output_option(metavar="NAME", help="Study; all that compare by default. Repeatable."),
]


def compare(
    context: typer.Context,
    runs: Runs,
    out: Out,
    study: Studies = None,
    axis: OnAxis = None,
    allow_same: AllowSame = False,
    states: States = False,
    allow_unrelated: AllowUnrelated = False,
    csv_safe: CsvSafe = None,
    card: ShowCard = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare runs of several models or texts; write a comparison folder, or write it again.

    Two runs with the same tokens: the second minus the first, a folder that reads like a run.
    """
    from odograph.folder.lock import making
    from odograph.folder.manifest import MANIFEST
    from odograph.report import write_report
    from odograph.studies import compare as compare_runs

    opened = _opened(runs, axis, allow_same=allow_same)
    asked: list[OpenRun] | Series | TwoRuns = opened
    if isinstance(opened, list):
        asked = both_models(opened, states=states, allow_unrelated=allow_unrelated, quiet=quiet)
    with making(out, context.obj):
        check_group_place(out, replace=(out / MANIFEST).is_file())
        with waiting("comparing", show=not quiet):
            compared = compare_runs(
                asked,
                out,
                names=study or (),
                command=context.obj,
                on_refused=None if quiet else tell_left_out,
                csv_safe=csv_safe,
                card=card,
            )
        shown = asked if isinstance(asked, list) else asked.runs
        path = write_report([compared, *shown], out / "report.html", command=context.obj)
    print_found([compared], path, as_json=as_json, quiet=quiet)


def _opened(
    runs: Sequence[Path], axis: str | None, *, allow_same: bool
) -> "list[OpenRun] | Series":
    """The runs, opened, in the order of an axis where one is named."""
    from odograph.folder.run import open_run
    from odograph.folder.series import axis_of, series_of

    opened = [open_run(run) for run in runs]
    return opened if axis is None else series_of(opened, axis_of(axis), allow_same=allow_same)
