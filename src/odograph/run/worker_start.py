"""How a worker begins: it watches its parent before anything large is loaded."""

import os
import signal
import sys
import threading
from ctypes import CDLL
from multiprocessing.connection import Connection, wait
from multiprocessing.process import parent_process
from typing import Any

#: "Send me a signal when my parent ends", of linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def begin(connection: "Connection[Any, Any]") -> None:
    """The life of a worker (`worker.work`), which ends at once with that of its parent.

    Nothing of torch is named here: a process that is being made loads this module first, and must
    hear of its parent's end while it loads the rest, too. What it is to do comes through the pipe.
    """
    if sys.platform == "linux":  # at once, also where the thread below waits for a library to load
        CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    threading.Thread(target=_end_with_parent, name="odograph-parent", daemon=True).start()
    from odograph.run.worker import work

    try:
        start = connection.recv()
    except EOFError:  # the parent is gone
        return
    work(connection, start)


def _end_with_parent() -> None:
    """Waits for the parent's end, of which a pipe tells on every system, and ends this process.

    Without cleaning up: what it was writing has a temporary name, and the next command removes it.
    """
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
