"""Observers that keep little: drawn vectors for the nulls, and the sum of unit vectors.

Like every observer they are told beforehand which rows of a batch are theirs (`expect`), look at
each state while the model runs, and keep what they found when the batch is through (`commit`): a
batch that ran out of memory half-way leaves nothing behind. On a GPU nothing in between waits.
"""

from typing import TYPE_CHECKING

import torch

from odograph.observe.transfer import Transfer

if TYPE_CHECKING:
    from torch import Tensor


class DrawnStates:
    """Keeps the states of a few tokens, at every layer, in one buffer [layers, slots, width].

    Before each batch, `expect(rows, slots)` says which of its rows are wanted and where they go.

    Args:
        layers, slots, width: of the buffer, which is on the CPU.
        device: where the states will be.
    """

    def __init__(self, layers: int, slots: int, width: int, device: str = "cpu") -> None:
        self._kept = torch.full((layers, slots, width), torch.nan)
        self._device = device
        self._coming: tuple[Tensor, Tensor, Transfer] | None = None
        self._rows = self._slots = torch.empty(0, dtype=torch.long)
        self._seen: dict[int, Tensor] = {}

    def expect(self, rows: "Tensor", slots: "Tensor") -> None:
        """Names the rows [k] of the coming batch that are kept, and their slots [k]."""
        self._rows, self._slots = rows.to(self._device), slots
        self._seen = {}

    def state(self, layer: int, rows: "Tensor", squares: "Tensor") -> None:
        """Copies the rows that were drawn: on a CPU into their places, elsewhere until `commit`.

        Should the batch have to run again, it fills the same places.
        """
        del squares
        if not len(self._slots):
            return
        chosen = rows.index_select(0, self._rows)
        if chosen.is_cpu:
            self._kept[layer].index_copy_(0, self._slots, chosen.float())
        else:
            self._seen[layer] = chosen

    def commit(self) -> None:
        """Sends what was seen to the host in one transfer, after that of the batch before."""
        self._arrive()
        if self._seen:
            seen = torch.stack(list(self._seen.values())).float()
            self._coming = torch.tensor(list(self._seen)), self._slots, Transfer(seen)
        self._seen = {}

    @property
    def kept(self) -> "Tensor":
        """The buffer; NaN where nothing was seen."""
        self._arrive()
        return self._kept

    def _arrive(self) -> None:
        if self._coming is not None:
            layers, slots, seen = self._coming
            self._kept[layers[:, None], slots] = seen.get()
        self._coming = None


class DirectionSum:
    """The sum of unit vectors at every layer, from which the mean cosine follows exactly.

    Mean over pairs = (|S|^2 - n) / (n (n - 1)), S the sum of n unit vectors.
    """

    def __init__(self, layers: int, width: int, device: str = "cpu") -> None:
        self.sums = torch.zeros(layers, width, dtype=torch.float64, device=device)
        self.counts = torch.zeros(layers, dtype=torch.int64, device=device)
        self.weights = torch.empty(0)
        self._seen: dict[int, tuple[Tensor, Tensor]] = {}
        self._batch: tuple[Tensor, Tensor] | None = None

    def expect(self, weights: "Tensor") -> None:
        """Says how often each row of the coming batch counts: 0 for padding and what is excluded.

        A row counts twice where two passages share it.
        """
        self.weights = weights.to(self.sums.device, torch.float32)
        self._seen, self._batch = {}, None

    def state(self, layer: int, rows: "Tensor", squares: "Tensor") -> None:
        """Sums the unit vectors; zero vectors and what is not finite have no direction."""
        times = self._times(squares)
        weights = torch.where(times > 0, times * squares.rsqrt(), 0.0).to(torch.float32)
        self.summed(layer, weights @ without_bad_rows(rows.float(), squares), squares)

    def summed(self, layer: int, total: "Tensor", squares: "Tensor") -> None:
        """Takes a sum that was made elsewhere, of rows with these squares."""
        self._seen[layer] = total.double(), squares

    def finish(self) -> None:
        """Sums up the batch, of which every layer has been seen."""
        seen = [self._seen[layer] for layer in sorted(self._seen)]
        totals, squares = (torch.stack(values) for values in zip(*seen, strict=True))
        self._batch = totals, self._times(squares).sum(dim=-1).long()
        self._seen = {}

    def commit(self) -> None:
        """Adds the batch; this takes no memory, so that it is added whole or not at all."""
        if self._batch is not None:
            totals, counts = self._batch
            self.sums += totals
            self.counts += counts
        self._batch = None

    def _times(self, squares: "Tensor") -> "Tensor":
        """How often each row counts, at one layer or at all of them."""
        return torch.where(torch.isfinite(squares) & (squares > 0), self.weights, 0)


def without_bad_rows(rows: "Tensor", squares: "Tensor") -> "Tensor":
    """Zeros in place of rows that are not finite: 0 * NaN would be NaN."""
    finite = torch.isfinite(squares)
    # Asking a GPU whether there are any would stop it; there the copy is the cheaper way.
    if rows.device.type == "cpu" and bool(finite.all()):
        return rows
    return torch.where(finite[:, None], rows, 0)
