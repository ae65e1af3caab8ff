"""Reading the vectors and sums that a run keeps, shard by shard. Never imports torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import RunError
from odograph.folder.listed import REMEDY
from odograph.folder.run import Run

Floats32 = NDArray[np.float32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Vectors:
    """Vectors of some tokens.

    Attributes:
        passage, position: of the tokens, [tokens].
        values: [tokens, layers, width]; layers are states 0..L, or blocks 1..L for parts.
    """

    passage: Ints
    position: Ints
    values: Floats32


def kept_states(run: Run, view: str = "stream", layer: int | None = None) -> Iterator[Vectors]:
    """The kept states of a run, one value a shard, in the order of the text.

    Args:
        run: the run.
        view: `stream` for x_l, `lens` for N(x_l).
        layer: read this layer only; `values` then are [tokens, 1, width].
    """
    return _read(run, view, "", layer)


def kept_places(run: Run) -> Iterator[tuple[Ints, Ints]]:
    """Passage and position of the tokens of `kept_states`, one pair a shard."""
    for path in run.listed.verified("vectors"):
        with _opened(path) as file:
            if "stream" in file.keys():  # noqa: SIM118 - not a dictionary
                yield file.get_tensor("passage"), file.get_tensor("position")


def kept_parts(run: Run, part: str) -> Iterator[Vectors]:
    """What attention or the MLP (`attention`, `mlp`) adds at the kept tokens, one value a shard."""
    return _read(run, part, "part_", None)


def _read(run: Run, name: str, prefix: str, layer: int | None) -> Iterator[Vectors]:
    for path in run.listed.verified("vectors"):
        with _opened(path) as file:
            if name in file.keys():  # noqa: SIM118 - not a dictionary
                passage, position = (
                    file.get_tensor(f"{prefix}{key}") for key in ("passage", "position")
                )
                yield Vectors(passage, position, _layers(file, name, layer))


def _layers(file: Any, name: str, layer: int | None) -> Floats32:
    """All layers, or one without reading the others; of a shard that keeps nothing, nothing."""
    stored = file.get_slice(name)
    values: Floats32
    if layer is None or not stored.get_shape()[0]:  # an empty tensor cannot be sliced
        values = file.get_tensor(name)
        return values if layer is None else values[:, layer : layer + 1]
    values = stored[:, layer : layer + 1]
    return values


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A file of tensors.

    Raises:
        RunError: it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except SafetensorError as error:
        raise RunError(
            f"a file of the run '{path.parent.parent}' is damaged: "
            f"{path.parent.name}/{path.name}: {error}",
            remedy=REMEDY,
        ) from error


def summed_moments(run: Run) -> dict[str, NDArray[np.float64]]:
    """The sums of all shards: `direction_sum`, `direction_count`, and of parts where asked for."""
    total: dict[str, NDArray[np.float64]] = {}
    for path in run.listed.verified("moments"):
        with _opened(path) as file:
            for name in file.keys():  # noqa: SIM118 - not a dictionary
                values = file.get_tensor(name)
                total[name] = total.get(name, np.zeros(values.shape)) + values
    return total
