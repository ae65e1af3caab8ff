"""One number a unit and one test of its mean: what the findings of such a test share."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.selection import Floats
from odograph.sentences.conditions import COMPARISONS, crossed_words
from odograph.statistics.designs.crossed import crossed_test
from odograph.statistics.intervals import interval_of
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import FEWEST_PAIRS, mean_test, single_test_of
from odograph.statistics.values import Comparison, Estimate, PValue
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults


@dataclass(frozen=True, eq=False)
class SingleContrast:
    """What is compared in one number a unit.

    Attributes:
        words: measure, target, control and place, as a `Comparison` has them.
        values: target minus control, [units].
        names: of the units.
        excluded: units left out.
        more, plainly: what is said behind the statement, and behind the plain one.
    """

    words: tuple[str, str, str, str]
    values: Floats
    names: tuple[str, ...]
    excluded: int
    more: str = ""
    plainly: str = ""


def single_test(values: Floats, *, seed: int, null: float = 0.0) -> PValue:
    """The test of a mean of `null` over values [units]."""
    tested = mean_test((values - null)[:, None], seed=seed)
    untested = f"fewer than {FEWEST_PAIRS} units" if len(values) < FEWEST_PAIRS else "no spread"
    if not np.isfinite(tested.p_max[0]):
        return PValue(f"none: {untested}", None, 1)
    return replace(tested.p_at(0, single_test_of(len(values)), 1), alone=None)


def single_estimate(
    defaults: FindingDefaults, values: Floats, *, seed: int, excluded: int = 0
) -> Estimate:
    """The mean over units [n] with the interval of `single_test`, in the unit of the findings."""
    interval = inverted_interval(values, seed=seed)
    return defaults.estimate(values.mean(), interval, len(values), excluded)


def single_claim(defaults: FindingDefaults, found: SingleContrast, *, seed: int) -> Claim:
    """The claim of one test of a mean."""
    values = np.asarray(found.values)
    estimate = single_estimate(defaults, values, seed=seed, excluded=found.excluded)
    compared = Comparison(*found.words, estimate, single_test(values, seed=seed))
    return Claim(
        defaults.comparison(compared, found.more, found.plainly),
        lambda: max_t_without(values[:, None], seed=seed),
        found.names,
    )


def crossed_claim(
    defaults: FindingDefaults,
    words: tuple[str, str, str, str],
    values: Floats,
    factors: tuple[NDArray[Any], NDArray[Any]],
    excluded: int = 0,
    comparisons: int = 1,
) -> Claim:
    """The mean of cells, each of a word and a document, both random.

    Args:
        defaults: of the study.
        words: measure, target, control and place, as a `Comparison` has them.
        values: target minus control, [cells].
        factors: word and document of each cell.
        excluded: documents left out.
        comparisons: how many such tests p is corrected for, by Bonferroni.
    """
    found = crossed_test(values, *factors)
    known, unit = found.p == found.p, defaults.unit_of_inference
    interval = interval_of(*found.bounds, IntervalKind.CROSSED) if known else None
    estimate = defaults.estimate(found.mean, interval, found.documents, excluded)
    estimate = replace(estimate, note=f"{found.words} words")
    test = SignificanceTest.CROSSED if known else SignificanceTest.NONE_NO_SPREAD
    p = min(1.0, found.p * comparisons) if known else None
    tested = PValue(test, p, comparisons, COMPARISONS, alone=found.p if known else None)
    more = crossed_words(found.words, found.documents, unit)
    return Claim(defaults.comparison(Comparison(*words, estimate, tested), more))
