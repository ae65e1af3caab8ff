"""How numbers become findings: the sentence templates of all studies, in one place.

A p-value is printed only with effect, interval, n, the name of the test and the size of its family.
Geometry is described, nothing is explained: states turn, step and move. Cluster tests say that
curves differ, never where the difference begins. `forbidden` finds what must not be said.
"""

import math
import re

from odograph.statistics.coverage import with_shortfall
from odograph.statistics.designs.paired import PairedProfile, cluster_method
from odograph.statistics.intervals import LEVEL
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Comparison, Correlation, Estimate, Interval, PValue

_FORBIDDEN = re.compile(
    r"\b(efforts?|effortful|thinks?|thinking|thought|understand\w*|understood|believes?|knows?"
    r"|wants?|tries|decides?|caus(?:e|es|ed|ing|al|ally)|because of|due to|leads? to|drives?|driven"
    r"|proves?|from (?:layer|block|step) \w+ (?:on|onwards?)"
    r"|(?:starting|beginning) (?:at|from|with))"
    r"\b",
    re.IGNORECASE,
)


def forbidden(text: str) -> tuple[str, ...]:
    """The words of a text that a finding must not use, in their order; () if there are none."""
    return tuple(match.group(0) for match in _FORBIDDEN.finditer(text))


def number(value: float) -> str:
    """A number with three digits, at most: 342, 17.4, 3.21, 0.046; "not a number" for NaN."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else str(value)
    if value == 0 or abs(value) >= 99.95:
        return f"{value:.0f}"
    decimals = min(6, max(0, 2 - math.floor(math.log10(abs(value)) + 1e-9)))
    if abs(value) < 1:
        decimals = min(6, decimals - 1)
    text = f"{value:.{decimals}f}"
    return "0" if float(text) == 0 else text


def coefficient(r: float) -> str:
    """A correlation with two digits and no leading zero: .45, -.07, 1.00."""
    if math.isnan(r):
        return "not a number"
    text = f"{r:.2f}"
    text = text.removeprefix("-") if float(text) == 0 else text
    return text.replace("0.", ".", 1)


def p_value(p: float) -> str:
    """A p-value: "p < .001", "p = .012", "p = .34", "p = 1"."""
    if p < 0.001:
        return "p < .001"
    text = f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"
    return "p = 1" if float(text) == 1 else f"p = {text.removeprefix('0')}"


def p_words(tested: PValue) -> str:
    """Name of the test, size of the family and p, or that there was no test."""
    if tested.p is None or not tested.made:
        return f"no p-value: {tested.test.removeprefix('none: ')}"
    if tested.family == 1:  # there was nothing to take the largest of
        return f"{p_value(tested.p)}, {tested.test.partition(', max-T')[0]}, a single test"
    return f"{p_value(tested.p)}, {tested.test}, family of {tested.family} {tested.members}"


def interval_words(interval: Interval | None, unit: str = "", n: int | None = None) -> str:
    """The interval with level and method: "95 % interval 2.1 to 4.3 degrees, BCa ...".

    With the number of units n, a method that then falls short of 95 % is said to do so.
    """
    if interval is None:
        return "no interval"
    show = coefficient if unit == "r" else number
    ending = "" if unit in ("", "r", "1") else f" {unit}"
    bounds = f"{show(interval.low)} to {show(interval.high)}{ending}"
    said = n is not None and interval.level == LEVEL
    method = with_shortfall(interval.method, n or 0) if said else interval.method
    return f"{100 * interval.level:.0f} % interval {bounds}, {method}"


def counted(n: int, unit: str, excluded: int) -> str:
    """How many units were used and how many left out: "n = 54 passages, 2 left out"."""
    return f"n = {n} {unit if n == 1 else _plural(unit)}, {excluded} left out"


def difference_sentence(found: Comparison) -> str:
    """A difference between two groups with interval, n, test and family."""
    estimate = found.estimate
    if math.isnan(estimate.value):
        what = f"The {found.measure} of {found.target} and of {found.control}"
        return f"{what} cannot be compared {found.place} ({estimate.note or 'no values'})."
    details = [
        f"difference {quantity(estimate.value, estimate.unit)}",
        interval_words(estimate.interval, estimate.unit, estimate.n),
        counted(estimate.n, estimate.unit_of_inference, estimate.excluded),
        p_words(found.tested),
    ]
    said = f"The {found.measure} of {found.target} {_against(found)} {found.place}"
    return f"{said} ({'; '.join(details)})."


def _against(found: Comparison) -> str:
    """`is 3 degrees larger than that of ...`, or that the two are not told apart."""
    estimate, other = found.estimate, found.control
    if number(abs(estimate.value)) == "0":
        return f"equals that of {other}"
    if estimate.interval is not None and estimate.interval.low <= 0 <= estimate.interval.high:
        return f"cannot be told apart from that of {other}"
    return f"is {_size(estimate)} than that of {other}"


def difference_plain(found: Comparison) -> str:
    """The same to a student, without symbols."""
    estimate = found.estimate
    unit = estimate.unit_of_inference
    units = f"{estimate.n} {unit if estimate.n == 1 else _plural(unit)}"
    if estimate.value == 0 and estimate.interval is None:
        return (
            f"In {units}, the {found.measure} of {found.target} and of {found.control} is the same "
            f"{found.place}: there is no difference to test."
        )
    if math.isnan(estimate.value) or estimate.interval is None:
        return f"There is too little to say how {found.target} and {found.control} compare."
    low, high = estimate.interval.low, estimate.interval.high
    if low <= 0 <= high:
        return (
            f"In {units}, the {found.measure} of {found.target} and of {found.control} "
            f"cannot be told apart {found.place}: the mean difference may lie on either side of "
            "zero."
        )
    near, far = (number(bound) for bound in sorted((abs(low), abs(high))))
    apart = f"of {far}" if near == far else f"between {near} and {far}"
    ending = "" if estimate.unit == "1" else f" {estimate.unit}"
    return (
        f"In {units}, the {found.measure} of {found.target} is on average {_size(estimate)} "
        f"than that of {found.control} {found.place}; for texts of this kind in general a "
        f"difference {apart}{ending} fits what was seen."
    )


def curves_sentence(
    profile: PairedProfile, measure: str, target: str, control: str, along: str = "layer"
) -> str:
    """What the cluster test says about two curves as wholes, along layers or blocks."""
    counts = counted(profile.n, "pair", profile.excluded)
    subject = f"The curves of the {measure} of {target} and {control}"
    if math.isnan(profile.threshold):
        return f"{subject} were not tested ({counts}; {profile.note})."
    family = f"family of {profile.family} layers"
    if not profile.clusters:
        method = cluster_method(profile)
        return f"{subject} do not differ in any cluster ({counts}; {method}, {family})."
    best = min(profile.clusters, key=lambda cluster: (cluster.p, -abs(cluster.mass)))
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    where = (
        f"{along} {best.first_layer}"
        if best.first_layer == best.last_layer
        else f"{along}s {best.first_layer} to {best.last_layer}"
    )
    return (
        f"{subject} {verb} (cluster mass {number(best.mass)}; {counts}; {p_value(best.p)}, "
        f"{cluster_method(profile)}, {family}). The cluster with the smallest p covers {where}; "
        "its edges are not tested."
    )


def curves_plain(profile: PairedProfile, measure: str, target: str, control: str) -> str:
    """The same to a student, without symbols."""
    subject = f"the two curves ({measure} of {target} and of {control})"
    if math.isnan(profile.threshold):
        return f"There are too few pairs to test whether {subject} differ."
    if min((cluster.p for cluster in profile.clusters), default=1.0) < ALPHA:
        return f"Taken as a whole, {subject} differ by more than chance pairing would give."
    return f"Taken as a whole, {subject} do not differ by more than chance pairing would give."


def correlation_words(found: Correlation) -> str:
    """A correlation with interval, numbers of tokens and passages, test, p and family.

    Its p stands there as it is alone, and corrected where it was.
    """
    tested = p_words(found.tested)
    if found.tested.made and found.tested.alone is not None:
        tested = f"{p_value(found.tested.alone)}, after max-T {tested}"
    interval = interval_words(found.interval, "r")
    return f"{found.method} r = {coefficient(found.r)} ({interval}; {_sample(found)}; {tested})"


def models_sentence(x: str, y: str, models: tuple[str, str], found: Correlation) -> str:
    """The difference of two models' correlations with interval, numbers of tokens and test."""
    subject = f"The correlation of {x} with {y} in {models[0]}"
    if math.isnan(found.r) or found.of is None:
        return f"{subject} and {models[1]} cannot be compared ({found.note})."
    both = " and ".join(map(coefficient, found.of))
    return (
        f"{subject} minus that in {models[1]} is {coefficient(found.r)} ({found.method}, {both}; "
        f"{interval_words(found.interval, 'r')}; {_sample(found)}; {p_words(found.tested)}; "
        f"{found.note})."
    )


def _size(estimate: Estimate) -> str:
    return f"{quantity(abs(estimate.value), estimate.unit)} {_comparative(estimate.value)}"


def _comparative(value: float) -> str:
    return "larger" if value > 0 else "smaller"


def quantity(value: float, unit: str) -> str:
    """A number with its unit, if it has one: "3.2 degrees"."""
    return number(value) if unit == "1" else f"{number(value)} {unit}"


def _sample(found: Correlation) -> str:
    tokens = counted(found.tokens, "token", found.excluded_tokens)
    return f"{tokens}; {counted(found.n, found.unit_of_inference, found.excluded)}"


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"
