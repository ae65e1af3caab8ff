"""`odograph analyse`: studies again on a run that is there, without the model."""

import os
from typing import Annotated

import typer

from odograph.cli.findings import print_found, tell_left_out
from odograph.cli.options import AsJson, CsvSafe, Quiet, Run, ShowCard
from odograph.cli.spinner import studying
from odograph.errors import StudyError


def analyse(
    context: typer.Context,
    run: Run,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="Studies; all that the run can serve by default."),
    ] = None,
    split: Annotated[
        bool | None,
        typer.Option(
            "--split/--no-split",
            help="Look on one half of the passages and test on the other; by default as measured. "
            "It confirms nothing if all passages were looked at before.",
            show_default=False,
        ),
    ] = None,
    csv_safe: CsvSafe = None,
    card: ShowCard = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Do studies again on a run, without the model; rewrite its report."""
    # Before numpy is loaded: a thread of its that has nothing to do then sleeps at once. It would
    # spin on for a while, and take a third of a core from a painter.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
    from odograph.figures.painters import spare
    from odograph.folder.lock import holding
    from odograph.folder.run import open_run
    from odograph.report import with_compared, write_report
    from odograph.studies import attempt, names_for, refusal

    with holding(run, context.obj):
        opened = open_run(run)
        asked = list(dict.fromkeys(names or names_for(opened)))
        with studying(asked, show=not quiet) as answered:
            done, refused = attempt(opened, asked, split, spare(), csv_safe, card, answered)
        if len(refused) == len(asked):
            raise refusal(refused, len(asked))
        for name, error in refused.items() if names or not quiet else ():
            tell_left_out(name, error)
        path = write_report(with_compared(done), run / "report.html", command=context.obj)
    print_found([done], path, as_json=as_json, quiet=quiet, only=names or ())
    if names and refused:
        listed = ", ".join(refused)
        raise StudyError(f"{len(refused)} of {len(asked)} studies cannot be done ({listed})")
