"""Small values that several kinds of figure share, and the check that arrays fit together."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.errors import UsageError

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """The words round a picture: title, and axis labels with their units ("rotation (degrees)")."""

    title: str
    x: str
    y: str = ""


@dataclass(frozen=True)
class Dot:
    """A number with its interval; NaN bounds stand for "no interval"."""

    value: float
    low: float = math.nan
    high: float = math.nan


def numbers(values: ArrayLike) -> Numbers:
    """The values as float64, None as NaN."""
    return np.asarray(values, dtype=np.float64)


def same_length(place: str, **arrays: ArrayLike | None) -> None:
    """Refuses arrays of different lengths.

    Raises:
        UsageError: naming the place, the first array and the one that differs from it.
    """
    lengths = {name: len(np.atleast_1d(a)) for name, a in arrays.items() if a is not None}
    first, expected = next(iter(lengths.items()))
    for name, length in lengths.items():
        if length != expected:
            raise UsageError(
                f"{place}: {name!r} does not fit {first!r}",
                expected=f"{expected} values",
                given=f"{length}",
                remedy="Give one value per layer (or token) in every array.",
            )


def signed(value: float) -> str:
    """The number with two digits and a true minus sign ("−0.31"); "n/a" for NaN."""
    return f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "n/a"


def p_text(p: float) -> str:
    """A p-value as written in a figure: "p = 0.012", "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
