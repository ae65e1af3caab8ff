"""`odograph merge`: what ranks have measured becomes a run."""

from typing import Annotated

import typer

from odograph.cli.options import Run, output_option
from odograph.terminal import show

AcceptFirst = Annotated[
    bool,
    output_option(
        "--accept-first",
        help="Where two processes measured a shard and differ, take the one that was first.",
    ),
]


def merge(invocation: typer.Context, run: Run, accept_first: AcceptFirst = False) -> None:
    """Close a run that several ranks have measured; print the run folder's path.

    Shards that are missing are named (exit 1). Files that no receipt names are removed.
    """
    from odograph.run.merging import merge as close

    close(run, invocation.obj, accept_first=accept_first)
    show(run)
