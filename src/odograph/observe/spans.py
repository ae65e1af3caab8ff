"""How far runs of blocks turn the state: the angle between every two states of a token.

The one observer that keeps all L + 1 states, of one batch at a time; `spans_budget` says how many
tokens such a batch may have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.geometry import angle_from_products
from odograph.observe.readings import Readings

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

# The states of one batch, as float32: what a laptop has to spare, and what a GPU has.
_STATES_BYTES = {"cpu": 64 * 2**20, "cuda": 2**30}
# Of these, the tokens that are widened to float64 and multiplied at once.
_PRODUCT_BYTES = 8 * 2**20
_RAW = "raw"


def spans_budget(layers: int, width: int, device: str = "cpu") -> int:
    """Tokens a batch whose states fit: 64 MB on a CPU, 1 GB on a GPU; at least 1.

    A passage longer than that runs alone, and its states are kept all the same.

    Args:
        layers: states a token, L + 1.
        width: length of a state.
        device: where the model runs.
    """
    room = _STATES_BYTES.get(device.partition(":")[0], _STATES_BYTES["cpu"])
    return max(1, room // (4 * layers * width))


@dataclass(frozen=True)
class _Batch:
    """What is left of a batch: passages [p], and [p, spans] means, last angles and counts.

    `readings` are the means of the angles in other readings.
    """

    passages: NDArray[np.int64]
    mean: NDArray[np.float64]
    last: NDArray[np.float64]
    tokens: NDArray[np.int64]
    readings: dict[str, NDArray[np.float64]]


class Spans:
    """Angles between the states x_l and x_{l+n} of every token, reduced to one row a passage.

    Before each batch, `expect(rows, passages)` says which rows count and whose they are.

    Args:
        layers: states a token, L + 1.
        device: where the states will be.
        readings: of the angles, beside the raw one.
    """

    def __init__(self, layers: int, device: str = "cpu", readings: Readings | None = None) -> None:
        first, after = np.triu_indices(layers, k=1)
        self._first, self._blocks = first, after - first
        self._pairs = torch.from_numpy(np.stack([first, after]))
        self._layers, self._device = layers, device
        self._readings = readings or Readings()
        self._rows = self._passages = torch.empty(0, dtype=torch.long)
        self._states: list[Tensor] = []
        self._batches: list[_Batch] = []

    def expect(self, rows: "Int[Tensor, ' counted']", passages: "Int[Tensor, ' counted']") -> None:
        """Names the rows of the coming batch that count, passage by passage, in reading order.

        A row may count for several passages that begin alike. The last row of a passage is the
        one whose `last_angle` is kept.
        """
        self._rows, self._passages = rows.to(self._device), passages
        self._states.clear()

    def state(self, layer: int, rows: "Tensor", squares: "Tensor") -> None:
        """Keeps the rows that count."""
        del layer, squares
        if len(self._passages):
            self._states.append(rows.index_select(0, self._rows))

    def commit(self) -> None:
        """Ends the batch: its angles are reduced, its states are let go."""
        if self._states:
            passages = self._passages.numpy()
            angles = self._angles()
            others = {name: _means(angles.pop(name), passages) for name in self._readings.names}
            self._batches.append(_by_passage(angles[_RAW], passages, others))
            self._states.clear()

    def _angles(self) -> "dict[str, Float[Tensor, 'counted spans']]":
        """All angles of all tokens, float64, on the CPU, by reading; a zero state gives NaN."""
        tokens, width = self._states[0].shape
        chunk = max(1, _PRODUCT_BYTES // (8 * self._layers * width))
        parts: dict[str, list[Tensor]] = {name: [] for name in (_RAW, *self._readings.names)}
        for start in range(0, tokens, chunk):
            wide = torch.stack([s[start : start + chunk].double() for s in self._states], dim=1)
            for name, found in parts.items():
                read = wide if name == _RAW else self._readings.apply(name, wide)
                found.append(self._between(read @ read.transpose(1, 2)).cpu())
        return {name: torch.cat(found) for name, found in parts.items()}

    def _between(self, products: "Float[Tensor, 'chunk layers layers']") -> "Tensor":
        first, after = self._pairs.to(products.device)
        squares = products.diagonal(dim1=1, dim2=2)
        return angle_from_products(squares[:, first], squares[:, after], products[:, first, after])

    def columns(self) -> dict[str, Any]:
        """The `spans` table, ordered by passage, layer and blocks; empty for no counted row.

        `angle` is the mean over the tokens whose angle is a number, `tokens` how many those are.
        """
        count, width = len(self._first), sum(len(b.passages) for b in self._batches)
        passages = np.concatenate([np.empty(0, int), *(b.passages for b in self._batches)])
        order = np.argsort(passages, kind="stable")
        return {
            "passage": np.repeat(passages[order], count),
            "layer": np.tile(self._first, width),
            "blocks": np.tile(self._blocks, width),
            "angle": self._joined([b.mean for b in self._batches], order),
            "last_angle": self._joined([b.last for b in self._batches], order),
            "tokens": self._joined([b.tokens for b in self._batches], order),
            **{
                f"angle_{name}": self._joined([b.readings[name] for b in self._batches], order)
                for name in self._readings.names
            },
        }

    def _joined(self, values: "Sequence[NDArray[Any]]", order: NDArray[np.int64]) -> NDArray[Any]:
        joined = np.concatenate([np.empty((0, len(self._first))), *values])
        return np.asarray(joined[order].reshape(-1))


def _by_passage(
    angles: "Tensor", passages: NDArray[np.int64], readings: dict[str, NDArray[np.float64]]
) -> _Batch:
    """Means, last angles and counts of the passages, whose rows stand together."""
    starts = _starts(passages)
    values = angles.numpy()
    counts = np.add.reduceat(np.isfinite(values).astype(np.int64), starts, axis=0)
    lasts = np.append(starts[1:], len(passages)) - 1
    return _Batch(passages[starts], _means(angles, passages), values[lasts], counts, readings)


def _means(angles: "Tensor", passages: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of each passage over the tokens whose angle is a number; NaN where none is."""
    values, starts = angles.numpy(), _starts(passages)
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.add.reduceat(known.astype(np.int64), starts, axis=0))


def _starts(passages: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(passages, prepend=passages[0] - 1))
