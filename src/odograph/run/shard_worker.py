"""A worker that measures shards: what it is given to begin with, and what runs in its process."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from odograph.errors import RunError
from odograph.models.identity import Identity
from odograph.models.loading import Loaded, load
from odograph.models.sources import LoadOptions
from odograph.run.execute import measure_shards
from odograph.run.held_model import HeldModel
from odograph.run.shards import Shard
from odograph.run.worker import Manners, telling


@dataclass(frozen=True)
class Start:
    """What a worker that measures is given to begin with.

    Attributes:
        identity: the model it must find.
        dtype: its precision.
        options: how it is loaded.
        manners: how it behaves.
    """

    identity: Identity
    dtype: str
    options: LoadOptions
    manners: Manners

    def live(self, connection: "Connection[Any, Any]") -> None:
        """The life of such a worker; see `work`."""
        work(connection, self)

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

    with telling(say):
        start.manners.take()
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
