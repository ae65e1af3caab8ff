"""One number a unit and one test of its mean: what the findings of such a test share."""

from dataclasses import dataclass

import numpy as np

from odograph.sentences.record import Finding
from odograph.statistics.intervals import mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import FEWEST_PAIRS, sign_flip_p
from odograph.statistics.values import Comparison, Estimate, PValue
from odograph.studies.claim import Claim, examined
from odograph.studies.defaults import FindingDefaults
from odograph.studies.selection import Floats
from odograph.studies.split import SINGLE_TEST


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
    """The sign-flip test of a mean of `null` over values [units]."""
    p = sign_flip_p(values - null, seed=seed)
    untested = f"fewer than {FEWEST_PAIRS} units" if len(values) < FEWEST_PAIRS else "no spread"
    return PValue(SINGLE_TEST if p is not None else f"none: {untested}", p, 1)


def single_estimate(values: Floats, unit: str, *, seed: int, excluded: int = 0) -> Estimate:
    """The mean over passages [n] with its interval."""
    interval = mean_interval(values, seed=seed)
    return Estimate(float(values.mean()), unit, len(values), "passage", interval, excluded)


def single_claim(defaults: FindingDefaults, found: SingleContrast, *, seed: int) -> Claim:
    """The claim of one test of a mean."""
    values = np.asarray(found.values)
    estimate = single_estimate(values, defaults.unit, seed=seed, excluded=found.excluded)
    compared = Comparison(*found.words, estimate, single_test(values, seed=seed))
    return Claim(
        defaults.comparison(compared, found.more, found.plainly),
        lambda: max_t_without(values[:, None], seed=seed),
        found.names,
    )


def single_comparison(defaults: FindingDefaults, found: SingleContrast, *, seed: int) -> Finding:
    """The finding of one test, with a word more where it hinges on one unit."""
    return examined(single_claim(defaults, found, seed=seed))
