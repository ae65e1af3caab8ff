"""`odograph measure`: texts and a model in, a run folder out."""

from pathlib import Path
from typing import Annotated

import typer

from odograph.cli.options import (
    DryRun,
    Given,
    OutUnlessDry,
    Overwrite,
    Quiet,
    Resume,
    needed_folder,
    output_option,
    takes_options,
)
from odograph.cli.signals import AskedToEndError, heard
from odograph.errors import UsageError
from odograph.run.config import RunConfig
from odograph.run.share import AUTO, share_of
from odograph.terminal import show, tell

#: EX_TEMPFAIL: schedulers start again what ends with it.
GO_ON_LATER = 75

Rank = Annotated[
    str | None,
    output_option(
        "--rank",
        metavar="R",
        help="Which of --of processes this is, from 0; auto reads it off Slurm, torchrun or "
        "Kubernetes. All write into one --out, a folder or s3://BUCKET/RUN; `odograph merge` "
        "closes it.",
    ),
]
Of = Annotated[
    int | None,
    output_option("--of", metavar="N", help="How many processes measure the run together."),
]


@takes_options()
def measure(
    invocation: typer.Context,
    given: Given,
    out: OutUnlessDry = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    rank: Rank = None,
    of: Of = None,
    dry_run: DryRun = False,
) -> None:
    """Measure texts with a model; print the run folder's path."""
    config = given.config()
    if dry_run:
        from odograph.cli.forecasts import show_forecasts

        show_forecasts([config])
        return
    folder = needed_folder(out)
    if rank is not None or of is not None:
        _measure_share(
            config,
            folder,
            rank or AUTO,
            of,
            command=invocation.obj,
            overwrite=overwrite,
            quiet=quiet,
        )
        return
    from odograph.cli.silence import silence_libraries
    from odograph.run.measure import measure_config

    silence_libraries(quiet=quiet)
    run = measure_config(
        config,
        folder,
        command=invocation.obj,
        resume=resume,
        overwrite=overwrite,
        progress=not quiet,
    )
    show(run.folder)


def _measure_share(
    config: RunConfig,
    out: Path,
    rank: str,
    of: int | None,
    *,
    command: str,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Measures the share of one rank; asked to end, it exits as one that wants to go on (75)."""
    if overwrite:
        raise UsageError(
            "--overwrite with --rank",
            expected="one of them: a rank would remove what the others measure",
            remedy="Remove the folder first, or choose another --out.",
        )
    share = share_of(rank, of)
    from odograph.cli.silence import silence_libraries
    from odograph.folder.addresses import store_address
    from odograph.run.ranks import measure_share

    silence_libraries(quiet=quiet)
    try:
        measure_share(config, out, share, command=command, progress=not quiet)
    except AskedToEndError:
        tell(f"ended by {heard()}; what was finished is whole: start the rank again to go on")
        raise typer.Exit(GO_ON_LATER) from None
    show(store_address(out) or out)
