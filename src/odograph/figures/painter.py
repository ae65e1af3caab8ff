"""One painter: what runs in its process. It writes pictures, and nothing on stdout or stderr."""

import os
import signal
import threading
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from queue import SimpleQueue

from odograph.figures.drawing import Order

#: What every picture needs, loaded while there is nothing to draw yet.
_TOOLS = (
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "PIL.PngImagePlugin",
)


def main(orders: int) -> None:
    """The life of a painter: carries out orders until nobody gives any more.

    Args:
        orders: the end of a pipe, shared with others, in which stands one byte for each order that
            nobody has begun: its number. What is ordered comes in full through stdin.
    """
    # Ctrl-C reaches every process of the terminal; what it means here the parent says.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    heard: SimpleQueue[Order] = SimpleQueue()
    threading.Thread(target=_listen, args=[heard], daemon=True).start()
    for tool in _TOOLS:
        import_module(tool)
    known: list[Order | None] = []
    while number := os.read(orders, 1):
        while len(known) <= number[0]:
            known.append(heard.get())
        order, known[number[0]] = known[number[0]], None
        if order is not None:
            order.carry_out()
    # Without looking back: the thread still listens.
    os._exit(0)


def _listen(heard: "SimpleQueue[Order]") -> None:
    """Hears every order at once, so that nobody waits to give one; where stdin ends, so does all.

    The parent closes it only where it wants no more pictures, or is no more itself.
    """
    try:
        with Connection(0, writable=False) as orders, suppress(EOFError):
            while True:
                heard.put(orders.recv())
    finally:
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGTERM)


def _stop(*_: object) -> None:
    """Ends the process, by an error that lets a file that is being written be removed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)
