"""A finding that hinges on one passage says so: its test is made again without each."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from odograph.sentences.record import Finding
from odograph.sentences.templates import number, p_value
from odograph.statistics.leave_one_out import MOST_UNITS, DecisiveUnit, Without, decisive_unit
from odograph.statistics.permutation import ALPHA


def with_sensitivity(
    finding: Finding,
    without: Callable[[], Without],
    names: Sequence[str],
    most: int = MOST_UNITS,
) -> Finding:
    """The finding, with a sentence more where p < .05 rests on one unit.

    Args:
        finding: its p, corrected for its family, is the one that is held to .05.
        without: the same test without each unit; called only where p < .05.
        names: of the units.
        most: where there are more units nothing is looked for.
    """
    p = finding.p_adjusted
    if p is None or p >= ALPHA or finding.estimate is None:
        return finding
    if not 0 < len(names) <= most:
        return finding
    found = decisive_unit(without(), finding.estimate)
    if found is None:
        return finding
    return replace(finding, statement=f"{finding.statement} {_words(finding, found, names)}")


def _words(finding: Finding, found: DecisiveUnit, names: Sequence[str]) -> str:
    unit, count = finding.unit_of_inference, len(names)
    if math.isnan(found.p):
        return (
            f"With {count} {unit}s it hinges on each of them: without one there are too few for a "
            "p-value."
        )
    said = f"It hinges on one {unit}: without '{names[found.unit]}' {p_value(found.p)}"
    if found.p < ALPHA:
        said += f" and the estimate is {number(found.estimate)}"
    if found.others:
        more = f"any one of {found.others} other {unit}s"
        said += f" (p >= .05 without {more}, too)"
    return f"{said}."
