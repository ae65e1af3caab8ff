"""What stands in brackets behind a statement: effect, interval, units, test, family and p.

A p-value is printed only with effect, interval, n, the name of the test and the size of its family.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from odograph.sentences.english import capital, counted, several
from odograph.sentences.names import name_of_interval, test_words, why_untested
from odograph.sentences.numbers import number, p_value, unit_ending, with_width
from odograph.statistics.intervals import FEWEST_UNITS, LEVEL
from odograph.statistics.leave_one_out import DecisiveUnit
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Correlation, Estimate, Interval, IntervalMethod, PValue


def bracket(*details: str) -> str:
    """Details behind a statement, empty ones left out: "(difference 3.2 degrees; n = 54; ...)"."""
    return f"({'; '.join(detail for detail in details if detail)})"


def is_shown(p: float | None, interval: Interval | tuple[float, float] | None) -> bool:
    """Whether a number is shown to be other than 0: by its interval, and by p where it was tested.

    p: after the correction; None or not a number where nothing was tested.
    """
    if p is not None and p >= ALPHA:
        return False
    if interval is None:
        return False
    low, high = (interval.low, interval.high) if isinstance(interval, Interval) else interval
    return not low <= 0 <= high


def of_estimate(estimate: Estimate, tested: PValue) -> tuple[str, str, str]:
    """Interval, units and test of an estimate, for a bracket."""
    return (
        interval_words(estimate.interval, estimate.unit, estimate.n),
        counted(estimate.n, estimate.unit_of_inference),
        p_words(tested),
    )


def described(estimate: Estimate, unit: str = "") -> str:
    """Interval, in that unit, and units of an estimate that is not tested, for a bracket."""
    units = counted(estimate.n, estimate.unit_of_inference)
    return f"{interval_words(estimate.interval, unit)}; {units}; descriptive, no test"


def of_correlation(found: Correlation) -> tuple[str, str, str]:
    """Interval, tokens and units of a correlation, for a bracket."""
    return (
        interval_words(found.interval, "r"),
        counted(found.tokens, "token"),
        counted(found.n, found.unit_of_inference),
    )


def p_words(tested: PValue) -> str:
    """Name of the test, size of the family and p, or that there was no test."""
    if tested.p is None or not tested.made:
        return f"no p-value: {why_untested(tested.test)}"
    test = test_words(tested)
    if tested.family == 1:  # there was nothing to take the largest of
        said = f"{p_value(tested.p, tested.least)}, {test.partition(', max-T')[0]}, a single test"
    else:
        p = p_value(tested.p, tested.least)
        said = f"{p}, {test}, family of {tested.family} {tested.members}"
    return f"{said}{skewed_words(tested.bootstrap)}"


def skewed_words(bootstrap: float | None) -> str:
    """What is said of flipped signs where units are skewed, to follow a p; else nothing."""
    if bootstrap is None:
        return ""
    return f", exact for symmetric differences only: by the bootstrap-t {p_value(bootstrap)}"


def interval_words(interval: Interval | None, unit: str = "", n: int | None = None) -> str:
    """The interval with level and method: "95 % interval 2.1 to 4.3 degrees, BCa ...".

    With the number of units n, a method that then falls short of 95 % is said to do so.
    """
    if interval is None:
        return "no interval"
    low, high = with_width([], interval.low, interval.high, unit)
    bounds = f"{low} to {high}{unit_ending(unit)}"
    method = interval.method
    if isinstance(method, IntervalMethod) and interval.level != LEVEL:
        method = replace(method, units=0)
    elif isinstance(method, IntervalMethod):
        method = replace(method, units=method.units or n or 0)
    return f"{100 * interval.level:.0f} % interval {bounds}, {name_of_interval(method)}"


def decisive_words(unit: str, names: Sequence[str], found: DecisiveUnit) -> str:
    """What one unit does to a test with p < .05, as a sentence; names: of all units."""
    if math.isnan(found.p):
        return (
            f"With {len(names)} {unit}s it hinges on each of them: without one there are too few "
            "for a p-value."
        )
    said = f"It hinges on one {unit}: without '{names[found.unit]}' {p_value(found.p)}"
    if found.p < ALPHA:
        said += f" and the estimate is {number(found.estimate)}"
    if found.others:
        others = several(found.others, f"other {unit}")
        more = f"one other {unit}" if found.others == 1 else f"any one of {others}"
        said += f" (p >= .05 without {more}, too)"
    return f"{said}."


def chosen_words(what: str, why: str, units: str, *, several: bool = False) -> str:
    """What was chosen on the first half of the units, and tested on the second; a sentence."""
    verb = "were" if several else "was"
    return (
        f"{capital(what)} {verb} chosen on the first half, as {why} in its {units}; the numbers "
        "are those of the second."
    )


def on_second_half(statement: str) -> str:
    """A statement of a halved run, which says that it is one."""
    if "first half" in statement:
        return statement
    return f"{statement} Seen on the second half of the passages."


def halves_note(halves: str) -> str:
    """What holds of all findings of a halved run; halves: how many units each half has."""
    return (
        f"{capital(halves)}: what a finding says was chosen on the first half is "
        "tested on the second; where none says so, nothing was chosen by looking, or the test is "
        "corrected for the choice. Curves, intervals and tables are those of the second half. "
        "Counts of words, exact mean cosines and mean updates are over all passages."
    )


def over_units(count: int, unit: str) -> str:
    """What a mean is taken over, and its interval, as captions have it."""
    if count < FEWEST_UNITS:
        return f"over {several(count, unit)}, too few for an interval"
    return f"over {several(count, unit)} with its 95 % interval (BCa)"
