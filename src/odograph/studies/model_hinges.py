"""Whether a difference between models hinges on one passage: each test made again without each."""

from functools import partial

import numpy as np

from odograph.sentences.record import Finding
from odograph.statistics.designs.models import at_depths
from odograph.statistics.leave_one_out import Without, cluster_without, max_t_without
from odograph.statistics.values import Correlation
from odograph.studies.model_curves import ModelCurves
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity


def of_values(
    made: Finding, differences: Floats, column: int, names: tuple[str, ...], seed: int
) -> Finding:
    """The finding on one number of a model, of the family [passages, comparisons]."""
    return with_sensitivity(made, partial(max_t_without, differences, column, seed=seed), names)


def of_curves(made: Finding, curves: ModelCurves, index: int) -> Finding:
    """The finding on the curves of one pair of models, tested with those of all pairs."""
    each = _differences(curves)
    width = each[0].shape[1]
    # A column without spread is in no cluster: between two pairs it keeps them apart.
    gap = np.zeros((len(each[0]), 1))
    columns = np.hstack([part for own in each for part in (own, gap)])
    start = index * (width + 1)
    inside = (start, start + width - 1)
    return with_sensitivity(
        made, partial(cluster_without, columns, seed=curves.seed, inside=inside), curves.means.names
    )


def of_depth(made: Finding, curves: ModelCurves, index: int, at: int) -> Finding:
    """The finding on one depth of one pair of models, tested with all depths of all pairs."""
    each = _differences(curves)
    column = index * each[0].shape[1] + at
    return of_values(made, np.hstack(each), column, curves.means.names, curves.seed)


def _differences(curves: ModelCurves) -> list[Floats]:
    """Each model minus the first at the compared depths: [passages, depths]."""
    first, *others = (
        at_depths(curves.states(which)[1], curves.depths) for which in range(len(curves.names))
    )
    return [other - first for other in others]


def of_correlation(made: Finding, found: Correlation, names: tuple[str, ...], seed: int) -> Finding:
    """The finding on two models' correlations; p times what it was corrected by."""
    values = np.array(found.each)[:, None]
    factor = max(1, round((made.p_adjusted or 1) / (made.p or 1)))

    def without() -> Without:
        alone = max_t_without(values, seed=seed)
        return Without(np.minimum(1.0, factor * alone.p), alone.estimate)

    return with_sensitivity(made, without, [names[unit] for unit in found.units])
