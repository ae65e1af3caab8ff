"""Several processes here that measure the shards of a run, each with a model of its own.

The parent reads the texts, hands out shards by their number and alone writes the manifest. A worker
loads the model from the same source, asks for a shard whenever it is free, writes the files of the
shard and sends back the receipt. What travels goes through pipes; nothing is pickled to disk.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import wait

import torch

from odograph.errors import UsageError
from odograph.models.identity import Identity
from odograph.models.sources import LoadOptions
from odograph.models.spreading import SPREAD
from odograph.run.config import RunConfig
from odograph.run.execute import OnReceipt, OnTokens, Task
from odograph.run.shard_worker import Start
from odograph.run.shards import Shard
from odograph.run.worker import Manners, Worker, failure_of, started
from odograph.terminal import tell


def check_workers(model: object, config: RunConfig) -> None:
    """Refuses several workers where each cannot have a model of its own.

    Raises:
        UsageError: the model was given as an object, or its blocks are spread over all GPUs.
    """
    if config.workers > 1 and isinstance(model, torch.nn.Module):
        raise UsageError(
            f"{config.workers} workers for a model given as an object",
            expected="a hub id or a folder, from which each worker loads it",
            remedy="Save it with model.save_pretrained(folder), its tokenizer too, and give the "
            "folder; or leave out workers.",
        )
    if config.workers > 1 and config.device == SPREAD:
        raise UsageError(
            f"{config.workers} workers for a model that is spread over all GPUs",
            expected="one worker, or a model that fits one GPU",
            remedy="Leave out --workers, or --device spread.",
        )


@contextmanager
def workers_for(
    found: tuple[Identity, str], options: LoadOptions, config: RunConfig, shards: int, *, show: bool
) -> "Iterator[Workers | None]":
    """The workers of a run; None where this process does all: one worker, or one shard.

    Args:
        found: identity and precision of the model here: the workers' must be the same.
        options: how it is loaded.
        config: the run's.
        shards: how many shards the run has; more workers would have nothing to do.
        show: whether to say on stderr what is made of the number asked for.
    """
    count = min(config.workers, shards)
    if show:
        _announce(config.workers, count, len(_gpus(options.device)) or usable_cores())
    if count == 1:
        yield None
        return
    workers = Workers(*found, options, count)
    try:
        yield workers
    finally:
        workers.close()


def _announce(asked: int, count: int, room: int) -> None:
    if count < asked:
        shards = "1 shard" if count == 1 else f"{count} shards"
        reason = f"{shards} for {asked} workers: {count} will do; smaller --shard-tokens make more"
        tell(f"{reason}")
    elif count > room:
        tell(f"{count} workers, but {room} cores or GPUs: they share")


def usable_cores() -> int:
    """Cores this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _gpus(device: str) -> list[str]:
    """The GPUs that workers are spread over: all, unless one is named or there is one only."""
    several = torch.cuda.device_count() if device in ("auto", "cuda") else 0
    return [f"cuda:{number}" for number in range(several)] if several > 1 else []


def device_of_worker(number: int, device: str) -> str:
    """Where the worker of a number (from 0) puts its model: on several GPUs each on the next."""
    gpus = _gpus(device)
    return gpus[number % len(gpus)] if gpus else device


class Workers:
    """Processes that measure shards; they are started when first needed and keep their model.

    Args:
        identity: the model that each must find.
        dtype: its precision.
        options: how it is loaded.
        count: how many processes at most.
    """

    def __init__(self, identity: Identity, dtype: str, options: LoadOptions, count: int) -> None:
        # The hub may change while workers load: all take the commit that the parent has.
        options = replace(options, revision=identity.revision or options.revision)
        threads = max(1, min(torch.get_num_threads(), usable_cores() // count))
        self._start = Start(identity, dtype, options, Manners.here(threads))
        self._count = count
        self._workers: list[Worker] = []

    def measure(
        self, task: Task, shards: Iterable[Shard], on_tokens: OnTokens, on_receipt: OnReceipt
    ) -> None:
        """Measures and writes the shards; receipts come as the workers finish, in any order.

        Raises:
            OdographError: a worker met it, or died; then all workers are stopped.
        """
        waiting = list(shards)
        try:
            self._grow(min(self._count, len(waiting)))
            busy = self._workers[: len(waiting)]
            for worker in busy:
                worker.send(task)
            _serve(busy, waiting, on_tokens, on_receipt)
        except BaseException:
            self._stop(on_receipt)
            raise

    def _grow(self, count: int) -> None:
        while len(self._workers) < count:
            number = len(self._workers)
            device = device_of_worker(number, self._start.options.device)
            start = replace(self._start, options=replace(self._start.options, device=device))
            self._workers.append(started(number + 1, start))

    def close(self) -> None:
        """Lets the workers end."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _stop(self, on_receipt: OnReceipt) -> None:
        """Keeps the receipts that have come, and stops the workers where they are."""
        workers, self._workers = self._workers, []
        try:
            for worker in workers:
                for receipt in worker.last_receipts():
                    on_receipt(receipt)
        finally:
            for worker in workers:
                worker.stop()


def _serve(
    busy: Sequence[Worker], waiting: list[Shard], on_tokens: OnTokens, on_receipt: OnReceipt
) -> None:
    """Gives every worker a shard when it asks for one, until all have said that they are done."""
    working = {worker.connection: worker for worker in busy}
    waiting.reverse()
    while working:
        for connection in wait(list(working)):
            worker = working[connection]  # type: ignore[index]  # it is one of those given
            kind, value = worker.receive()
            if kind == "free":
                worker.send(waiting.pop() if waiting else None)
            elif kind == "tokens":
                on_tokens(value)
            elif kind == "receipt":
                on_receipt(value)
            elif kind == "done":
                del working[worker.connection]
            else:
                raise failure_of(worker.number, value)
