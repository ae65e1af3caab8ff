"""How a worker begins: it watches its parent before anything large is loaded."""

import os
import signal
import sys
import threading
from ctypes import CDLL
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process
from typing import Any, Protocol

#: "Send me a signal when my parent ends", of linux/prctl.h.
_PR_SET_PDEATHSIG = 1


class Beginning(Protocol):
    """What a worker is given to begin with; it says what the worker does."""

    def live(self, connection: "Connection[Any, Any]") -> None:
        """The life of the worker, until it is told to end or its parent is gone."""


def begin(connection: "Connection[Any, Any]") -> None:
    """The life of a worker, which ends at once with that of its parent.

    Nothing of torch is named here: a process that is being made loads this module first, and must
    hear of its parent's end while it loads the rest, too. What it is to do comes through the pipe.
    """
    end_with_parent()
    try:
        start: Beginning = connection.recv()
    except EOFError:  # the parent is gone
        return
    start.live(connection)


def end_with_parent() -> None:
    """From now on this process ends when its parent does, whatever it is doing then.

    Without cleaning up: what it was writing has a temporary name, and the next command removes it.
    """
    parent = parent_process()
    if parent is None:
        return
    if sys.platform == "linux":  # at once, also where the thread below waits for a library to load
        CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent.pid:  # it ended before it could be asked for
            os._exit(1)
    watch = threading.Thread(target=_exit_after, args=[parent.sentinel], daemon=True)
    watch.start()


def _exit_after(sentinel: int) -> None:
    """Waits for the parent's end, of which a pipe tells on every system, and ends this process."""
    wait([sentinel])
    os._exit(1)
