"""A finding together with what it has to stand up to: no single unit, and untrained twins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.sentences.record import Finding
from odograph.statistics.leave_one_out import MOST_UNITS, Without
from odograph.studies.phrases import as_in_twins, beside_twins
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity


@dataclass(frozen=True, eq=False)
class Claim:
    """A finding, and what the runner holds against it.

    Attributes:
        finding: as the test gives it.
        without: the same test without each unit, for a finding with a p.
        units: their names.
        twins: the same estimate in each untrained twin, [twins, units], without rows where none was
            measured; None where the finding says itself what twins give.
        most: with more units than that none is left out.
    """

    finding: Finding
    without: Callable[[], Without] | None = None
    units: Sequence[str] = ()
    twins: Floats | None = None
    most: int = MOST_UNITS


def examined(claim: Claim) -> Finding:
    """The finding with what one unit does to it, and what untrained twins give of the same."""
    finding = claim.finding
    if claim.without is not None:
        finding = with_sensitivity(finding, claim.without, claim.units, claim.most)
    if claim.twins is not None:
        finding = beside_difference(finding, claim.twins if len(claim.twins) else None)
    return finding


def beside_difference(led: Finding, twins: Floats | None) -> Finding:
    """A difference with what twins, [twins, passages], give of the same.

    Only of a difference that is shown, the plain sentence says that twins show it too.
    """
    seeds = np.empty(0) if twins is None else np.asarray(twins.mean(axis=1))
    said = f"{led.statement} The same difference in twins: {beside_twins(twins, led.unit)}."
    shown = led.interval is not None and not led.interval[0] <= 0 <= led.interval[1]
    value = led.estimate if shown and led.estimate is not None else 0.0
    return replace(led, statement=said, plain=led.plain + as_in_twins(value, seeds))
