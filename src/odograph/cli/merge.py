"""`odograph merge`: what ranks have measured becomes a run."""

from pathlib import Path
from typing import Annotated

import typer

from odograph.cli.options import Run, output_option
from odograph.errors import UsageError
from odograph.terminal import show

AcceptFirst = Annotated[
    bool,
    output_option(
        "--accept-first",
        help="Where two processes measured a shard and differ, take the one that was first.",
    ),
]


Into = Annotated[
    Path | None,
    output_option(
        "--out",
        metavar="DIR",
        help="Where a run that lies in an object store is brought to.",
        show_default=False,
    ),
]


def merge(
    invocation: typer.Context, run: Run, out: Into = None, accept_first: AcceptFirst = False
) -> None:
    """Close a run that several ranks have measured; print the run folder's path.

    What is missing of shards, twins and all that comes after the shards is named (exit 1). Files
    that no receipt names are removed. Of a run in an object store (s3://BUCKET/RUN) all files are
    brought to --out, and checked.
    """
    from odograph.folder.addresses import store_address
    from odograph.folder.store import mounted
    from odograph.run.merging import merge as close

    if (store_address(run) is None) != (out is None):
        raise UsageError(
            f"{'no ' if out is None else ''}--out for '{store_address(run) or run}'",
            expected="--out DIR exactly where RUN is the address of an object store",
        )
    with mounted(run, out) as folder:
        close(folder, invocation.obj, accept_first=accept_first)
    show(out or run)
