"""In what else two groups differ: covariates, before and after matching."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.versions import Pairing
from odograph.statistics.intervals import Floats


@dataclass(frozen=True, eq=False)
class Balance:
    """One covariate in the two groups: means, and differences in standard deviations.

    `apart` is the standardised difference of all units, `matched` that of the pairs (NaN without
    pairs); the standard deviation is that of all units, pooled over the groups, in both.
    """

    name: str
    first: float
    second: float
    apart: float
    matched: float


def balance_of(
    names: Sequence[str], covariates: Floats, first: Mask, pairing: Pairing
) -> list[Balance]:
    """Every covariate in both groups: covariates [n, k] with their names, first group [n]."""
    found = []
    for name, column in zip(names, covariates.T, strict=True):
        own, other = column[first], column[~first]
        spread = float(np.sqrt((own.var(ddof=1) + other.var(ddof=1)) / 2))
        pairs = column[pairing.first], column[pairing.second]
        found.append(
            Balance(
                name,
                float(own.mean()),
                float(other.mean()),
                _apart(own, other, spread),
                _apart(*pairs, spread) if pairing.count else float("nan"),
            )
        )
    return found


def _apart(first: Floats, second: Floats, spread: float) -> float:
    difference = float(first.mean() - second.mean())
    return difference / spread if spread > 0 else 0.0
