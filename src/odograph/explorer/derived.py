"""What follows from the stored measures, a layer at a time: as DuckDB derives it, in numpy.

A window over every token and state takes DuckDB seconds where a pass over arrays takes hundredths.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from odograph.measures import MEASURES, READINGS

Floats = NDArray[np.float64]
#: Gives a measure at a layer, [tokens].
Read = Callable[[str, int], Floats]
#: Gives what a measure is at a layer from 1 on, [tokens].
Formula = Callable[[Read, int], Floats]


def formula_of(measure: str) -> Formula | None:
    """How the measure follows from others; None where it is stored, or only SQL says how."""
    return _FORMULAS.get(measure) if MEASURES[measure].sql else None


def _ratio(above: str, below: str) -> Formula:
    """A measure of a block by one of the state before it."""
    return lambda read, layer: read(above, layer) / read(below, layer - 1)


def _total(measure: str, name: str) -> Formula:
    """The sum over all blocks up to this one."""

    def total(read: Read, layer: int) -> Floats:
        own = read(measure, layer)
        return own if layer == 1 else read(name, layer - 1) + own

    return total


def _heading(read: Read, layer: int) -> Floats:
    turn, after = np.radians(read("rotation", layer)), read("norm", layer)
    across, along = after * np.sin(turn), after * np.cos(turn) - read("norm", layer - 1)
    heading = np.degrees(np.arctan2(across, along))
    return np.where(read("step", layer) == 0, np.nan, heading)


def _influence(rotation: str) -> Formula:
    def influence(read: Read, layer: int) -> Floats:
        made: Floats = 2 * np.sin(np.radians(read(rotation, layer)) / 2) ** 2
        return made

    return influence


_FORMULAS: dict[str, Formula] = {
    "relative_step": _ratio("step", "norm"),
    "growth": _ratio("norm", "norm"),
    "path": _total("step", "path"),
    "turned": _total("rotation", "turned"),
    "heading": _heading,
    "influence": _influence("rotation"),
    **{f"influence_{reading}": _influence(f"rotation_{reading}") for reading in READINGS},
}
