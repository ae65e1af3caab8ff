"""One worker: what runs in its process, and the handle by which the parent holds it."""

import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, NamedTuple

import torch

from odograph.errors import OdographError, RunError
from odograph.models.identity import Identity
from odograph.models.loading import Loaded, load
from odograph.models.sources import LoadOptions
from odograph.run.allocator import keep_freed_memory
from odograph.run.execute import measure_shards
from odograph.run.held_model import HeldModel
from odograph.run.shards import Shard

_PATIENCE = 10.0  # seconds for a process to end
_KEPT = "What was finished before is whole; continue with --resume"


@dataclass(frozen=True)
class Start:
    """What a worker is given to begin with.

    Attributes:
        identity: the model it must find.
        dtype: its precision.
        options: how it is loaded.
        threads: how many torch may use.
        verbosity: how talkative transformers may be.
        filters: which warnings are shown.
    """

    identity: Identity
    dtype: str
    options: LoadOptions
    threads: int
    verbosity: int
    filters: list[Any]

    def load(self) -> Loaded:
        """The model, made sure to be that of the parent.

        Raises:
            RunError: it has changed in between.
        """
        loaded = load(self.identity.name, self.options)
        if (loaded.identity, loaded.dtype) != (self.identity, self.dtype):
            raise RunError(
                f"'{self.identity.name}' has changed while workers loaded it",
                expected="the weights that the run began with",
                remedy="Begin again, with --overwrite or another --out.",
            )
        return loaded


class Failure(NamedTuple):
    """An error as it travels: one of ours in its parts, any other as text."""

    kind: type[OdographError] | None
    parts: tuple[str, str, str, str]
    trace: str


def work(connection: "Connection[Any, Any]", start: Start) -> None:
    """The life of a worker: loads the model, then does one task after another until told to end."""
    said = threading.Lock()  # receipts are sent by the thread that writes

    def say(kind: str, value: Any = None) -> None:
        with said:
            connection.send((kind, value))

    def asked_for() -> Iterator[Shard]:
        say("free")
        while (shard := connection.recv()) is not None:
            yield shard
            say("free")

    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone
        try:
            _prepare(start)
            model = HeldModel(start.load)
            while (task := connection.recv()) is not None:
                measure_shards(
                    model.of(task.twin),
                    asked_for(),
                    task,
                    lambda tokens: say("tokens", tokens),
                    lambda receipt: say("receipt", receipt),
                )
                say("done")
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except BaseException as error:
            say("failed", told(error))


def _prepare(start: Start) -> None:
    """As many threads and as few words as the parent says; Ctrl-C is heard there alone."""
    from transformers.utils import logging

    for name in ("SIGINT", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    keep_freed_memory()
    torch.set_num_threads(start.threads)
    logging.set_verbosity(start.verbosity)
    warnings.filters[:] = start.filters  # type: ignore[index]  # it is a list


def told(error: BaseException) -> Failure:
    """An error as it travels to another process."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, OdographError):
        return Failure(
            type(error), (error.problem, error.expected, error.given, error.remedy), trace
        )
    text = traceback.format_exception_only(error)[-1].strip()
    fewer = isinstance(error, MemoryError | torch.OutOfMemoryError)
    remedy = f"{_KEPT}, with fewer --workers." if fewer else f"{_KEPT}."
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
    """

    def __init__(
        self, number: int, process: BaseProcess, connection: "Connection[Any, Any]"
    ) -> None:
        self.number, self.connection = number, connection
        self._process = process

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
        """What it says next: ("free" | "tokens" | "receipt" | "done" | "failed", value).

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
            remedy=f"{_KEPT}, with fewer --workers if memory ran out.",
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
