"""How numbers become findings: the sentence templates of all studies, in one place.

A p-value is printed only with effect, interval, n, the name of the test and the size of its family.
Geometry is described, nothing is explained: states turn, step and move. Cluster tests say that
curves differ, never where the difference begins. `forbidden` finds what must not be said.
"""

import math
import re
from dataclasses import dataclass

from odograph.statistics.comparison import Comparison
from odograph.statistics.coverage import with_shortfall
from odograph.statistics.intervals import LEVEL
from odograph.statistics.paired import PairedProfile, cluster_method
from odograph.statistics.permutation import ALPHA
from odograph.statistics.results import Estimate, Interval

_FORBIDDEN = re.compile(
    r"\b(efforts?|effortful|thinks?|thinking|thought|understand\w*|understood|believes?|knows?"
    r"|wants?|tries|decides?|caus(?:e|es|ed|ing|al|ally)|because of|due to|leads? to|drives?|driven"
    r"|proves?|from (?:layer|block|step) \w+ (?:on|onwards?)"
    r"|(?:starting|beginning) (?:at|from|with))"
    r"\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PValue:
    """A p-value, its test, and for how many `members` of a family it was corrected."""

    test: str
    p: float | None
    family: int
    members: str = "layers"


@dataclass(frozen=True)
class Contrast:
    """What is compared: `measure` of `target` minus that of `control`, at `place`."""

    measure: str
    target: str
    control: str
    place: str
    estimate: Estimate
    excluded: int = 0


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
    if tested.p is None or math.isnan(tested.p):
        return f"no p-value ({tested.test})"
    family = (
        "a single test" if tested.family == 1 else f"family of {tested.family} {tested.members}"
    )
    return f"{p_value(tested.p)}, {tested.test}, {family}"


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


def difference_sentence(contrast: Contrast, tested: PValue) -> str:
    """A difference between two groups with interval, n, test and family."""
    estimate = contrast.estimate
    if math.isnan(estimate.value):
        what = f"The {contrast.measure} of {contrast.target} and of {contrast.control}"
        return f"{what} cannot be compared {contrast.place} ({estimate.note or 'no values'})."
    found = f"The {contrast.measure} of {contrast.target} {_against(contrast)} {contrast.place}"
    details = [
        f"difference {_quantity(estimate.value, estimate.unit)}",
        interval_words(estimate.interval, estimate.unit, estimate.n),
        counted(estimate.n, estimate.unit_of_inference, contrast.excluded),
        p_words(tested),
    ]
    return f"{found} ({'; '.join(details)})."


def _against(contrast: Contrast) -> str:
    """`is 3 degrees larger than that of ...`, or that the two are not told apart."""
    estimate, other = contrast.estimate, contrast.control
    if not estimate.value:
        return f"equals that of {other}"
    if estimate.interval is not None and estimate.interval.low <= 0 <= estimate.interval.high:
        return f"cannot be told apart from that of {other}"
    return f"is {_size(estimate)} than that of {other}"


def difference_plain(contrast: Contrast) -> str:
    """The same to a student, without symbols."""
    estimate = contrast.estimate
    if math.isnan(estimate.value) or estimate.interval is None:
        return f"There is too little to say how {contrast.target} and {contrast.control} compare."
    low, high = estimate.interval.low, estimate.interval.high
    units = f"{estimate.n} {_plural(estimate.unit_of_inference)}"
    if low <= 0 <= high:
        return (
            f"In {units}, the {contrast.measure} of {contrast.target} and of {contrast.control} "
            f"cannot be told apart {contrast.place}: the mean difference may lie on either side of "
            "zero."
        )
    near, far = sorted((abs(low), abs(high)))
    return (
        f"In {units}, the {contrast.measure} of {contrast.target} is on average {_size(estimate)} "
        f"than that of {contrast.control} {contrast.place}; for texts of this kind in general a "
        f"difference between {number(near)} and {_quantity(far, estimate.unit)} fits what was seen."
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


def comparison_sentence(
    x: str, y: str, models: tuple[str, str], result: Comparison, tested: PValue | None = None
) -> str:
    """The difference of two models' correlations with interval, numbers of tokens and test.

    `tested` is the p-value corrected for a family; by default the result's own, a single test.
    """
    subject = f"The correlation of {x} with {y} in {models[0]}"
    if math.isnan(result.difference):
        return f"{subject} and {models[1]} cannot be compared ({result.note})."
    tested = tested or PValue(result.test, result.p, 1)
    return (
        f"{subject} minus that in {models[1]} is {coefficient(result.difference)} "
        f"({result.method}, {coefficient(result.r_first)} and {coefficient(result.r_second)}; "
        f"{interval_words(result.interval, 'r')}; {_sample(result)}; {p_words(tested)}; "
        f"{result.note})."
    )


def _size(estimate: Estimate) -> str:
    return f"{_quantity(abs(estimate.value), estimate.unit)} {_comparative(estimate.value)}"


def _comparative(value: float) -> str:
    return "larger" if value > 0 else "smaller"


def _quantity(value: float, unit: str) -> str:
    return number(value) if unit == "1" else f"{number(value)} {unit}"


def _sample(result: Comparison) -> str:
    tokens = f"{counted(result.tokens, 'token', result.excluded)}"
    return f"{tokens}; {counted(result.passages, 'passage', result.excluded_passages)}"


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"
