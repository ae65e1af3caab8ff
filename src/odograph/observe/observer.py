"""What an observer is: it reduces the states of a batch while the blocks run, and keeps little.

Before a batch it is told which rows are its own; while the model runs it takes what it needs; once
the batch is through it keeps that. A batch that ran out of memory half-way leaves nothing behind.
"""

from typing import Protocol

import torch


class Observer(Protocol):
    """Keeps something of every batch."""

    def commit(self) -> None:
        """Keeps what the batch that was just measured leaves, whole or not at all."""


class StateObserver(Observer, Protocol):
    """Looks at every state, after the path has taken its squares."""

    def state(self, layer: int, rows: torch.Tensor, squares: torch.Tensor) -> None:
        """Takes the states of a batch, [batch * tokens, width], and their squared lengths."""
