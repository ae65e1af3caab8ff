"""A finding together with what it has to stand up to: no single unit, and untrained twins."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from odograph.folder.card import COPIES
from odograph.folder.selection import Floats
from odograph.sentences.english import several
from odograph.sentences.nulls import as_in_twins, beside_twins
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import Finding, NullValue
from odograph.statistics.leave_one_out import MOST_UNITS, DecisiveUnit, Without, decisive_unit
from odograph.statistics.permutation import ALPHA


@dataclass(frozen=True, eq=False)
class Claim:
    """A finding, and what the study holds against it.

    Attributes:
        finding: as the test gives it.
        without: the same test without each unit, for a finding with a p.
        units: their names.
        twins: the same estimate in each untrained twin, [twins, units], without rows where none was
            measured; None where the finding says itself what twins give.
        most: with more units than that none is left out.
        places: the layers that it names, by what they are: "peak", "largest difference".
    """

    finding: Finding
    without: Callable[[], Without] | None = None
    units: Sequence[str] = ()
    twins: Floats | None = None
    most: int = MOST_UNITS
    places: Mapping[str, int] = field(default_factory=dict)


def examined(claim: Claim) -> Finding:
    """The finding with what one unit does to it, and what untrained twins give of the same."""
    finding = claim.finding
    if claim.without is not None:
        finding = with_sensitivity(finding, claim.without, claim.units, claim.most)
    if claim.twins is not None:
        finding = beside_difference(finding, claim.twins if len(claim.twins) else None)
    return finding


def on_card(finding: Finding, card: Mapping[str, str]) -> Finding:
    """The finding with its study's card; copies, which are no evidence of their own, beside it."""
    copies = card.get(COPIES)
    evidence = (*finding.evidence, copies) if copies else finding.evidence
    return replace(finding, card=dict(card), evidence=evidence)


def beside_difference(led: Finding, twins: Floats | None) -> Finding:
    """A difference with what twins, [twins, passages], give of the same.

    Only of a difference that is shown, the plain sentence says that twins show it too.
    """
    seeds = np.empty(0) if twins is None else np.asarray(twins.mean(axis=1))
    said = f"{led.statement} The same difference in twins: {beside_twins(twins, led.unit)}."
    shown = led.interval is not None and not led.interval[0] <= 0 <= led.interval[1]
    value = led.estimate if shown and led.estimate is not None else 0.0
    return replace(
        led,
        statement=said,
        plain=led.plain + as_in_twins(value, seeds),
        null_values=(*led.null_values, *twin_values(seeds)),
    )


def twin_values(seeds: Floats) -> tuple[NullValue, ...]:
    """What untrained twins give, one number a seed; nothing without twins."""
    if not len(seeds):
        return ()
    low, high = (float(seeds.min()), float(seeds.max())) if len(seeds) > 1 else (None, None)
    return (NullValue("untrained twins", float(seeds.mean()), low, high, len(seeds)),)


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
        others = several(found.others, f"other {unit}")
        more = f"one other {unit}" if found.others == 1 else f"any one of {others}"
        said += f" (p >= .05 without {more}, too)"
    return f"{said}."
