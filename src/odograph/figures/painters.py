"""Pictures drawn by other processes, while this one goes on with the next study.

A painter is a Python of its own and no fork of this one: a fork has none of the threads of DuckDB,
OpenBLAS or torch, but all the locks that they held, and could wait for ever. It loads matplotlib
while the first study is still being done.

Every painter hears of every order, through a pipe of its own. Who carries it out is settled by a
pipe that all share; it holds one byte, the order's number, for each picture that nobody has begun:
whoever reads the byte draws the picture. This process does so too, once it has nothing else to do.
What a painter began and could not finish is drawn again here, at the end, where its error is then
raised.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import NamedTuple

from odograph.figures.drawing import Order

#: Every painter loads matplotlib, half a second of work: more than two pay for few runs.
MOST = 2
#: The numbers that one byte can tell apart.
_NUMBERS = 256
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def spare() -> int:
    """How many painters this computer has cores for, beside this process: at most two.

    None where a process cannot pass on a pipe (Windows) or does not know its Python.
    """
    if os.name != "posix" or not sys.executable:
        return 0
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    return min(MOST, cores - 1)


@contextmanager
def painting(count: int) -> Iterator[Callable[[Order], None]]:
    """What takes orders; at the end all of them are carried out. Without painters, each at once.

    After an error no painter is left and no file half-written; pictures may then be missing.

    Args:
        count: of painters, each a process; none where a process cannot pass on a pipe.
    """
    if count < 1 or os.name != "posix":
        yield Order.carry_out
        return
    crew = _Crew(count)
    try:
        yield crew.take
        crew.finish()
    finally:
        crew.dismiss()


class _Painter(NamedTuple):
    """A painter's process, and the end of the pipe through which it hears of orders."""

    process: "subprocess.Popen[bytes]"
    hears: "Connection[Order, None]"


class _Crew:
    """The painters, the orders, and the pipe with the numbers of those that nobody has begun."""

    def __init__(self, count: int) -> None:
        self._begin, self._open = os.pipe()
        self._orders: list[Order] = []
        self._painters: list[_Painter] = []
        # Where no more processes can be had, this one does all.
        with suppress(OSError):
            for _ in range(count):
                self._painters.append(_hired(self._begin))

    def take(self, order: Order) -> None:
        """Takes an order, to be carried out by whoever is free."""
        number = len(self._orders)
        if number == _NUMBERS:
            order.carry_out()
            return
        for painter in self._painters:
            # One that is gone hears nothing; what it began is seen to at the end.
            with suppress(BrokenPipeError):
                painter.hears.send(order)
        self._orders.append(order)
        os.write(self._open, bytes([number]))

    def finish(self) -> None:
        """Carries out what nobody has begun, and what a painter has not finished."""
        self._close_orders()
        own = set()
        while number := os.read(self._begin, 1):
            own.add(number[0])
            self._orders[number[0]].carry_out()
        ends = [painter.process.wait() for painter in self._painters]
        if any(ends):
            for index in set(range(len(self._orders))) - own:
                self._orders[index].carry_out()

    def dismiss(self) -> None:
        """Sends the painters home, in the middle of their work if they are not done."""
        self._close_orders()
        os.close(self._begin)
        for painter in self._painters:
            painter.hears.close()
        for painter in self._painters:
            painter.process.wait()

    def _close_orders(self) -> None:
        if self._open >= 0:
            os.close(self._open)
            self._open = -1


def _hired(orders: int) -> _Painter:
    """A painter that reads the numbers of orders from this end of a pipe."""
    code = f"import sys; sys.path[:] = {sys.path!r}; from odograph.figures.painter import main"
    heard, hears = Pipe(duplex=False)
    with heard:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{code}; main({orders})"],
            stdin=heard.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[orders],
            env={**os.environ, **_ONE_THREAD},
        )
    return _Painter(process, hears)
