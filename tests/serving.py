"""An explorer that runs in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from odograph.explorer.listen import address_of, listening
from odograph.explorer.server import Explorer, application

TOKEN = "a token for tests"


@contextmanager
def serving(*folders: Path) -> Iterator[str]:
    """Host and port of an explorer of these runs."""
    explorer = Explorer(folders, "odograph explore run")
    with listening("127.0.0.1", 0) as socket:
        app = application(explorer, [address_of(socket)], TOKEN)
        running = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=running.run, args=([socket],))
        thread.start()
        try:
            yield address_of(socket)
        finally:
            running.should_exit = True
            thread.join()
            explorer.close()
