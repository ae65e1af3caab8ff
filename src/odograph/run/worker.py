"""One worker: how its process begins and what it tells, and the handle by which it is held."""

import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, NamedTuple

import torch

from odograph.errors import OdographError, RunError
from odograph.run.allocator import keep_freed_memory
from odograph.run.worker_start import Beginning, begin

_PATIENCE = 10.0  # seconds for a process to end
_GONE = EOFError, BrokenPipeError, ConnectionResetError


@dataclass(frozen=True)
class Manners:
    """How a worker behaves: like its parent.

    Attributes:
        threads: how many torch may use.
        verbosity: how talkative transformers may be.
        filters: which warnings are shown.
    """

    threads: int
    verbosity: int
    filters: list[Any]

    @staticmethod
    def here(threads: int) -> "Manners":
        """Those of this process, but for the threads."""
        from transformers.utils import logging

        return Manners(threads, logging.get_verbosity(), list(warnings.filters))

    def take(self) -> None:
        """Behaves so from here on; Ctrl-C is heard in the parent alone."""
        from transformers.utils import logging

        for name in ("SIGINT", "SIGHUP"):  # Windows has no SIGHUP
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)
        keep_freed_memory()
        torch.set_num_threads(self.threads)
        logging.set_verbosity(self.verbosity)
        warnings.filters[:] = self.filters  # type: ignore[index]  # it is a list


class Advice(NamedTuple):
    """What a user is told where a worker ends early.

    Attributes:
        kept: what is left, and how to go on.
        fewer: what takes less memory.
    """

    kept: str
    fewer: str


_RESUME = Advice("What was finished before is whole; continue with --resume", "fewer --workers")


class Failure(NamedTuple):
    """An error as it travels: one of ours in its parts, any other as text."""

    kind: type[OdographError] | None
    parts: tuple[str, str, str, str]
    trace: str


@contextmanager
def telling(say: Callable[[str, Any], None], advice: Advice = _RESUME) -> Iterator[None]:
    """Tells the parent of any error, and ends quietly where the parent is gone.

    advice: for an error that is none of ours.
    """
    with suppress(*_GONE):
        try:
            yield
        except _GONE:
            raise
        except BaseException as error:
            say("failed", told(error, advice))


def told(error: BaseException, advice: Advice = _RESUME) -> Failure:
    """An error as it travels to another process; with advice, if it is none of ours."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, OdographError):
        return Failure(
            type(error), (error.problem, error.expected, error.given, error.remedy), trace
        )
    text = traceback.format_exception_only(error)[-1].strip()
    fewer = isinstance(error, MemoryError | torch.OutOfMemoryError)
    remedy = f"{advice.kept}, with {advice.fewer}." if fewer else f"{advice.kept}."
    return Failure(None, (" ".join(text.split()).rstrip("."), "", "", remedy), trace)


def failure_of(number: int, failure: Failure) -> OdographError:
    """The error that a worker has met; any that is not ours names the worker."""
    problem, expected, given, remedy = failure.parts
    if failure.kind is None:
        problem = f"worker {number} stopped: {problem}"
    error = (failure.kind or RunError)(problem, expected=expected, given=given, remedy=remedy)
    error.__cause__ = RuntimeError(f"in worker {number}:\n{failure.trace}")
    return error


class Worker:
    """The parent's handle of one worker.

    Args:
        number: from 1.
        process: its process.
        connection: the parent's end of the pipe.
        advice: for when it dies.
    """

    def __init__(
        self,
        number: int,
        process: BaseProcess,
        connection: "Connection[Any, Any]",
        advice: Advice = _RESUME,
    ) -> None:
        self.number, self.connection = number, connection
        self._process, self._advice = process, advice

    def send(self, value: object) -> None:
        """Sends a task, a shard, or None for no more.

        Raises:
            RunError: the worker is dead.
        """
        try:
            self.connection.send(value)
        except (BrokenPipeError, ConnectionResetError):
            # What it said before it ended says more than that it did.
            failed = [value for kind, value in self._said() if kind == "failed"]
            raise (failure_of(self.number, failed[0]) if failed else self._died()) from None

    def receive(self) -> tuple[str, Any]:
        """What it says: ("free" | "tokens" | "receipt" | "encoded" | "done" | "failed", its value).

        Raises:
            RunError: the worker is dead.
        """
        try:
            said: tuple[str, Any] = self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise self._died() from None
        return said

    def last_receipts(self) -> Iterator[dict[str, Any]]:
        """Receipts that have come and were not received yet."""
        yield from (value for kind, value in self._said() if kind == "receipt")

    def _said(self) -> Iterator[tuple[str, Any]]:
        with suppress(EOFError, OSError):
            while self.connection.poll():
                yield self.connection.recv()

    def _died(self) -> RunError:
        self._process.join(_PATIENCE)
        code = self._process.exitcode or 0
        how = f"it ended with code {code}"
        if code < 0:
            how = f"it was killed ({signal.Signals(-code).name})"
        elif code == 0:
            how = "it does not answer"
        return RunError(
            f"worker {self.number} is dead: {how}",
            remedy=f"{self._advice.kept}, with {self._advice.fewer} if memory ran out.",
        )

    def end(self) -> None:
        """Lets it finish; it has nothing to do any more."""
        with suppress(OSError):
            self.connection.send(None)
        self._process.join(_PATIENCE)
        self.stop()

    def stop(self) -> None:
        """Stops it where it is."""
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self.connection.close()


def started(number: int, start: Beginning, advice: Advice = _RESUME) -> Worker:
    """A new worker.

    Args:
        number: from 1.
        start: what it begins with.
        advice: see `Worker`.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=begin, args=(theirs,), name=f"odograph-{number}", daemon=True)
    with without_script(), deaf_to_interrupts():
        process.start()
    theirs.close()  # the worker alone has it, so that its end is noticed
    worker = Worker(number, process, ours, advice)
    worker.send(start)
    return worker


@contextmanager
def without_script() -> Iterator[None]:
    """Keeps a new process from running the caller's script again: nothing in it is needed."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """A process started in here never hears Ctrl-C, not even while it begins."""
    if threading.current_thread() is not threading.main_thread():  # it may not change signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
