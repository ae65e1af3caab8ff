"""`odograph explore`: the page live in a browser, on this machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from odograph.cli.options import Runs
from odograph.terminal import show


def explore(
    context: typer.Context,
    runs: Runs,
    port: Annotated[
        int, typer.Option(metavar="N", help="Port; 0 for any that is free.", min=0, max=65535)
    ] = 0,
    host: Annotated[
        str,
        typer.Option(help="Address to listen at; others than 127.0.0.1 can be reached by others."),
    ] = "127.0.0.1",
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser, or do not.")
    ] = True,
) -> None:
    """Look at runs of any size in a browser; nothing is changed. Print the address.

    Whoever has the whole printed address can see the texts of these runs while this goes on.
    """
    explore_folders(list(runs), host, port, command=context.obj, open_browser=open_browser)


def explore_folders(
    folders: list[Path], host: str, port: int, *, command: str, open_browser: bool
) -> None:
    """Serves the folders until it is interrupted."""
    import uvicorn

    from odograph.explorer.listen import address_of, listening
    from odograph.explorer.server import Explorer, application, new_token

    explorer = Explorer(folders, command)
    with listening(host, port) as socket:
        token, name = new_token(), address_of(socket)
        address = f"http://{name}/#token={token}"
        show(address)
        sys.stdout.flush()
        if open_browser:
            typer.launch(address)
        app = application(explorer, [name, f"localhost:{socket.getsockname()[1]}"], token)
        config = uvicorn.Config(app, log_level="warning", server_header=False, lifespan="off")
        try:
            uvicorn.Server(config).run([socket])
        finally:
            explorer.close()
