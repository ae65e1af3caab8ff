"""Texts with a known truth: layers that remember each other, tokens of a sentence alike."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Generator = np.random.Generator

LAYERS, MEMORY = 48, 0.9
#: Of the variance of a token: what its sentence shares, what its sentence and role share, its own.
SHARES = (0.4, 0.2, 0.4)
MOST_TOKENS = 3


def remembering(values: Floats, memory: float) -> Floats:
    """The values [..., m] made to remember the one before: autocorrelation memory^k at lag k."""
    made = values.copy()
    if not memory:
        return made
    for place in range(1, made.shape[-1]):
        made[..., place] = memory * made[..., place - 1]
        made[..., place] += np.sqrt(1 - memory**2) * values[..., place]
    return made


def draws(rng: Generator, shape: tuple[int, ...], shape_of: str = "heavy") -> Floats:
    """Values of mean 0 and standard deviation 1: "normal", "heavy" (t with 5 df), "skewed"."""
    if shape_of == "normal":
        return rng.normal(size=shape)
    if shape_of == "heavy":
        return rng.standard_t(5, size=shape) / np.sqrt(5 / 3)
    return (rng.gamma(2, size=shape) - 2) / np.sqrt(2)


def sentences(rng: Generator, n: int, *, memory: float = MEMORY, noise: str = "heavy") -> Floats:
    """Two kinds of tokens that do not differ, averaged within each sentence: [2, n, layers].

    Every sentence has one to three tokens of each kind.
    """

    def part(*shape: int) -> Floats:
        return remembering(draws(rng, (*shape, LAYERS), noise), memory)

    own, kind, each = (np.sqrt(share) for share in SHARES)
    tokens = own * part(1, n, 1) + kind * part(2, n, 1) + each * part(2, n, MOST_TOKENS)
    count = rng.integers(1, MOST_TOKENS + 1, size=(2, n))
    there = np.arange(MOST_TOKENS) < count[..., None]
    return np.asarray((tokens * there[..., None]).sum(axis=2) / count[..., None])


def series(rng: Generator, rows: int, n: int, memory: float) -> Floats:
    """Stationary rows of tokens that remember the one before, standard deviation 1: [rows, n]."""
    lead = 60
    return remembering(rng.normal(size=(rows, n + lead)), memory)[:, lead:]


def tied(first: Floats, second: Floats, r: float) -> Floats:
    """What is correlated with `first` by r, the rest of it being `second`."""
    return r * first + np.sqrt(1 - r**2) * second
