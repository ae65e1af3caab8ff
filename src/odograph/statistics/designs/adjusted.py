"""Two groups of tokens inside units, with what else differs between them taken out."""

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


def adjusted_difference(
    values: Floats, group: Flags, covariates: Floats, unit: Ints
) -> Floats | None:
    """What each unit adds to the difference of two groups, beside covariates: [units].

    Their mean is the coefficient of the group in a regression with slopes common to all units and a
    level for each: how much a token of the group differs from one of the same unit, at the same
    covariates. A unit in which both groups are large and alike in the covariates says most. The
    contributions are effective scores: under no difference their expectation is 0, and flipping
    their signs, or drawing units again, takes the estimation of the slopes into account.

    None where no group is left beside the covariates.

    Args:
        values: of the tokens, [tokens].
        group: which tokens are of the first group, [tokens].
        covariates: [tokens, covariates]; one that does not vary inside units takes nothing out.
        unit: the unit of each token, from 0.

    Source: Frisch & Waugh 1933; Hemerik, Goeman & Finos 2020 (1909.03796, effective scores).
    """
    counts = np.bincount(unit)
    own, other, beside = (
        _inside(v, unit, counts) for v in (group[:, None], values[:, None], covariates)
    )
    scale = beside.std(axis=0)
    # Scaled, so that one in large units is not taken for one that does not vary.
    beside = beside[:, scale > 1e-9 * np.maximum(1.0, np.abs(covariates).max(axis=0))]
    beside = beside / beside.std(axis=0)
    own, other = (v - beside @ np.linalg.lstsq(beside, v, rcond=None)[0] for v in (own, other))
    size = float((own**2).sum())
    if size <= 1e-9 * len(values):
        return None
    scores = np.bincount(unit, weights=(own * other)[:, 0])
    return np.asarray(scores * len(counts) / size)


def _inside(values: NDArray[np.generic], unit: Ints, counts: Ints) -> Floats:
    """Values minus the mean of their unit, [tokens, columns]."""
    wide = values.astype(np.float64)
    totals = np.zeros((len(counts), wide.shape[1]))
    np.add.at(totals, unit, wide)
    return np.asarray(wide - (totals / counts[:, None])[unit])
