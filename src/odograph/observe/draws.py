"""Watchers that keep little: drawn vectors for the nulls, and the sum of unit vectors."""

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


class DrawnStates:
    """Keeps the states of a few tokens, at every layer, in one buffer [layers, slots, width].

    Before each batch, `expect(rows, slots)` says which of its rows are wanted and where they go.
    """

    def __init__(self, layers: int, slots: int, width: int) -> None:
        self.kept = torch.full((layers, slots, width), torch.nan)
        self._rows = torch.empty(0, dtype=torch.long)
        self._slots = torch.empty(0, dtype=torch.long)

    def expect(self, rows: "Tensor", slots: "Tensor") -> None:
        """Names the rows [k] of the coming batch that are kept, and their slots [k]."""
        self._rows, self._slots = rows, slots

    def state(self, layer: int, rows: "Tensor", squares: "Tensor") -> None:
        """Copies the rows that were drawn."""
        del squares
        if len(self._rows):
            chosen = rows.index_select(0, self._rows.to(rows.device))
            self.kept[layer, self._slots] = chosen.float().cpu()


class DirectionSum:
    """The sum of unit vectors at every layer, from which the mean cosine follows exactly.

    Mean over pairs = (|S|^2 - n) / (n (n - 1)), S the sum of n unit vectors.
    """

    def __init__(self, layers: int, width: int, device: str = "cpu") -> None:
        self.sums = torch.zeros(layers, width, dtype=torch.float64, device=device)
        self.counts = torch.zeros(layers, dtype=torch.int64, device=device)
        self._weights = torch.empty(0)

    def expect(self, weights: "Tensor") -> None:
        """Says how often each row of the coming batch counts: 0 for padding and what is excluded.

        A row counts twice where two passages share it.
        """
        self._weights = weights

    def state(self, layer: int, rows: "Tensor", squares: "Tensor") -> None:
        """Adds the unit vectors; zero vectors and what is not finite have no direction."""
        times = self._weights.to(rows.device)
        times = torch.where(torch.isfinite(squares) & (squares > 0), times, 0)
        weights = torch.where(times > 0, times * squares.rsqrt(), 0.0).to(torch.float32)
        self.sums[layer] += weights @ without_bad_rows(rows.float(), squares)
        self.counts[layer] += times.sum().long()


def without_bad_rows(rows: "Tensor", squares: "Tensor") -> "Tensor":
    """Zeros in place of rows that are not finite: 0 * NaN would be NaN."""
    finite = torch.isfinite(squares)
    # Asking a GPU whether there are any would stop it; there the copy is the cheaper way.
    if rows.device.type == "cpu" and bool(finite.all()):
        return rows
    return torch.where(finite[:, None], rows, 0)
