"""What follows from the stored measures, a layer at a time: as DuckDB derives it, in numpy.

A window over every token and state takes DuckDB seconds where a pass over arrays takes hundredths.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from odograph.measures import MEASURES, READINGS

Floats = NDArray[np.float64]
#: Gives a measure at a layer, [tokens].
Read = Callable[[str, int], Floats]


class Derived(NamedTuple):
    """A measure that follows from others: what it is at a layer from 1 on, [tokens].

    Attributes:
        formula: gives it.
        sources: the stored measures that it is made of.
    """

    formula: Callable[[Read, int], Floats]
    sources: tuple[str, ...]


def derived(measure: str) -> Derived | None:
    """How the measure follows from others; None where it is stored, or only SQL says how."""
    return _DERIVED.get(measure) if MEASURES[measure].sql else None


def _ratio(above: str, below: str) -> Derived:
    """A measure of a block by one of the state before it."""
    return Derived(lambda read, layer: read(above, layer) / read(below, layer - 1), (above, below))


def _total(measure: str, name: str) -> Derived:
    """The sum over all blocks up to this one."""

    def total(read: Read, layer: int) -> Floats:
        own = read(measure, layer)
        return own if layer == 1 else read(name, layer - 1) + own

    return Derived(total, (measure,))


def _heading(read: Read, layer: int) -> Floats:
    """From half the angle: one sine, and what is added keeps its digits where little is turned."""
    before, after = read("norm", layer - 1), read("norm", layer)
    sine = np.sin(np.radians(read("rotation", layer)) / 2)
    across = 2 * after * sine * np.sqrt(1 - sine**2)
    along = after - before - 2 * after * sine**2
    heading: Floats = np.degrees(np.arctan2(across, along))
    still = (across == 0) & (along == 0)
    if still.any():
        heading[still & (read("step", layer) == 0)] = np.nan
    return heading


def _influence(rotation: str) -> Derived:
    def influence(read: Read, layer: int) -> Floats:
        made: Floats = 2 * np.sin(np.radians(read(rotation, layer)) / 2) ** 2
        return made

    return Derived(influence, (rotation,))


_DERIVED: dict[str, Derived] = {
    "relative_step": _ratio("step", "norm"),
    "growth": _ratio("norm", "norm"),
    "path": _total("step", "path"),
    "turned": _total("rotation", "turned"),
    "heading": Derived(_heading, ("norm", "rotation")),
    "influence": _influence("rotation"),
    **{f"influence_{reading}": _influence(f"rotation_{reading}") for reading in READINGS},
}
