"""`odograph measure`: texts and a model in, a run folder out."""

import typer

from odograph.cli.options import Given, Out, Overwrite, Quiet, Resume, takes_options
from odograph.terminal import show


@takes_options()
def measure(
    invocation: typer.Context,
    given: Given,
    out: Out,
    resume: Resume = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Measure texts with a model; print the run folder's path."""
    config = given.config()
    from odograph.cli.silence import silence_libraries
    from odograph.run.measure import measure_config

    silence_libraries(quiet=quiet)
    run = measure_config(
        config, out, command=invocation.obj, resume=resume, overwrite=overwrite, progress=not quiet
    )
    show(run.folder)
