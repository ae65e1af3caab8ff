"""A sign of life on stderr while something without a progress bar of its own goes on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from odograph.terminal import visible


@contextmanager
def waiting(what: str, *, show: bool) -> Iterator[None]:
    """Shows what is going on as long as it does; on a terminal only."""
    if not (show and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(visible(what))):
        yield
