"""Processes that are killed at one of their writes, as a machine may be at any."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR


def die_at(out: Path, write: int, writes: Any) -> None:
    """Kills this process just before one of its writes within a folder; 0 for none.

    writes: counts, for others too, those that it has come to.
    """

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event not in ("open", "os.rename", "os.remove") or isinstance(given[0], int):
            return
        if event == "open" and not (given[2] or 0) & _WRITING:
            return
        if os.fsdecode(given[0]).startswith(str(out)):
            writes.value += 1
            if writes.value == write:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
