"""What follows from the stored measures, for all tokens at once: as DuckDB derives it, in numpy.

A window over every token and state takes DuckDB seconds where a few passes over arrays take tenths.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from odograph.measures import MEASURES, READINGS

States = NDArray[np.float32]
Read = Callable[[str], States]


def derived_states(measure: str, read: Read) -> States | None:
    """The measure [L+1, tokens], NaN at layer 0; None where only its SQL says what it is.

    Args:
        measure: a name of `MEASURES`.
        read: gives a stored measure as [L+1, tokens].
    """
    formula = _FORMULAS.get(measure)
    if formula is None or not MEASURES[measure].sql:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        values = formula(read)
    return np.concatenate([np.full_like(values[:1], np.nan), values]).astype(np.float32)


def _blocks(read: Read, name: str) -> NDArray[np.float64]:
    """A measure of a step, [L, tokens]."""
    return read(name)[1:].astype(np.float64)


def _before(read: Read) -> NDArray[np.float64]:
    """The length of the state that each block is given, [L, tokens]."""
    return read("norm")[:-1].astype(np.float64)


def _heading(read: Read) -> NDArray[np.float64]:
    turn, after = np.radians(_blocks(read, "rotation")), _blocks(read, "norm")
    heading = np.degrees(np.arctan2(after * np.sin(turn), after * np.cos(turn) - _before(read)))
    return np.where(_blocks(read, "step") == 0, np.nan, heading)


def _influence(rotation: str) -> Callable[[Read], NDArray[np.float64]]:
    def influence(read: Read) -> NDArray[np.float64]:
        made: NDArray[np.float64] = 2 * np.sin(np.radians(_blocks(read, rotation)) / 2) ** 2
        return made

    return influence


_FORMULAS: dict[str, Callable[[Read], NDArray[np.float64]]] = {
    "relative_step": lambda read: _blocks(read, "step") / _before(read),
    "growth": lambda read: _blocks(read, "norm") / _before(read),
    "path": lambda read: np.cumsum(_blocks(read, "step"), axis=0),
    "turned": lambda read: np.cumsum(_blocks(read, "rotation"), axis=0),
    "heading": _heading,
    "influence": _influence("rotation"),
    **{f"influence_{reading}": _influence(f"rotation_{reading}") for reading in READINGS},
}
