"""The pilot of a run: what is known of its states before anything is measured. Without torch.

Outlier coordinates, the mean state of each layer, and the median lengths by which attention sinks
are judged; from the first passages in the order of their texts' hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import RunError
from odograph.folder.run import Run
from odograph.folder.selection import numbers, usable
from odograph.folder.writer import write_with

PILOT = "pilot.safetensors"
#: The share of the squared length, on the mean over tokens, from which a coordinate is an outlier.
OUTLIER = 0.25
#: Tokens below which no coordinate is called an outlier, and no state is centred.
LEAST_TRIMMED, LEAST_CENTRED = 50, 200
#: Where sinks stand: at the start, later, and tokens that are sinks in some layers only.
SINK_PLACES = ("position 0", "later", "passing")
#: A state so many times as long as the median of its layer is long, as those of sinks are.
LONG = 5.0
_SINKS = "sinks."


@dataclass(frozen=True, eq=False)
class Pilot:
    """What the pilot's tokens say of the states of a model, in the run's convention.

    Position 0 and sinks have no part in shares and means, position 0 none in the medians.

    Attributes:
        coordinates: the outlier coordinates, [k], the largest first, then those of models of one
            width that are measured with it; a twin has its model's.
        shares: of each coordinate in the squared length, mean over tokens, [L + 1, width].
        means: the mean states, [L + 1, width], float64.
        medians: of the lengths of the raw states (before a norm), [L + 1]; infinite without tokens.
        tokens: how many tokens shares and means rest on.
        sinks: columns of the `sinks` table, `place` as an index into `SINK_PLACES`.
    """

    coordinates: NDArray[np.int64]
    shares: NDArray[np.float32]
    means: NDArray[np.float64]
    medians: NDArray[np.float32]
    tokens: int
    sinks: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def peaks(self) -> list[float]:
        """The largest share of each outlier coordinate over the layers 1 to L, [k]."""
        largest: list[float] = self.shares[1:, self.coordinates].max(axis=0).tolist()
        return largest

    @property
    def outlier_shares(self) -> NDArray[np.float64]:
        """Of each outlier coordinate, mean over the pilot's tokens, [L + 1, k]."""
        return np.asarray(self.shares[:, self.coordinates], dtype=np.float64)

    @property
    def next_largest(self) -> NDArray[np.float64]:
        """The largest share of any other coordinate, [L + 1]."""
        others = np.delete(self.shares, self.coordinates, axis=1)
        return np.asarray(others.max(axis=1, initial=0), dtype=np.float64)

    def without(self, coordinates: Sequence[int]) -> "Pilot":
        """The pilot with these coordinates left out, too, behind its own."""
        both = dict.fromkeys([*self.coordinates.tolist(), *coordinates])
        return replace(self, coordinates=np.fromiter(both, np.int64))


def outliers(shares: NDArray[np.float32], tokens: int) -> NDArray[np.int64]:
    """The coordinates that hold a quarter or more at some layer 1..L, the largest first.

    None with fewer than 50 tokens. As shares add up to 1 there are at most 4 in a layer.
    """
    largest = shares[1:].max(axis=0)
    order = np.argsort(-largest, kind="stable")
    found: NDArray[np.int64] = order[largest[order] >= OUTLIER].astype(np.int64)
    return found if tokens >= LEAST_TRIMMED else found[:0]


def pilot_bytes(pilot: Pilot) -> bytes:
    """The content of `pilot.safetensors`."""
    from safetensors.numpy import save

    content: bytes = save(
        {
            "coordinates": pilot.coordinates,
            "means": pilot.means,
            "medians": pilot.medians,
            "shares": pilot.shares,
            "tokens": np.array([pilot.tokens]),
            **{f"{_SINKS}{name}": values for name, values in pilot.sinks.items()},
        }
    )
    return content


def write_pilot(pilot: Pilot, folder: Path) -> Path:
    """Writes `pilot.safetensors` whole; gives its path."""
    content, path = pilot_bytes(pilot), folder / PILOT
    write_with(lambda temporary: temporary.write_bytes(content), path)
    return path


def read_pilot(folder: str | Path) -> Pilot | None:
    """The pilot of a run; None where it was measured by a release without one.

    Raises:
        RunError: the file is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = Path(folder) / PILOT
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = load(path.read_bytes())
        tokens = int(found.pop("tokens")[0])
        names = [name for name in found if name.startswith(_SINKS)]
        sinks = {name.removeprefix(_SINKS): found.pop(name) for name in names}
        return Pilot(**found, tokens=tokens, sinks=sinks)
    except (SafetensorError, KeyError, TypeError, IndexError) as error:
        raise RunError(
            f"a file of the run '{folder}' is damaged: {PILOT}: {error}",
            remedy="Measure it again with the command that measured it and --resume.",
        ) from error


def documents_with_passing(run: Run, pilot: Pilot) -> set[int]:
    """The documents in which a target, or the token before it, is long at some layer."""
    limits = ", ".join(
        f"({layer}, {LONG * float(median)})"
        for layer, median in enumerate(pilot.medians)
        if np.isfinite(median)
    )
    if not limits:
        return set()
    found = numbers(
        run.chosen.sql(f"""
        select distinct t.document from layers join tokens t using (passage, position)
        join (values {limits}) as m(layer, longest) using (layer)
        where t.role in ('target', 'non-target') and {usable(run, "t")} and norm > longest""")
    )
    return {int(document) for document in found["document"]}
