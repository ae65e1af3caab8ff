"""What is missing of a finding: effect, interval, n, test, family, null, and the words of each."""

import math
import re
from collections.abc import Iterator

from odograph.sentences.record import Finding

CARD = {"model", "precision", "convention", "BOS", "left out", "unit", "test", "versions", "seed"}
_P = re.compile(r"\bp (= \.?\d|< \.\d|at most \.\d)")


def of_finding(finding: Finding) -> Iterator[str]:
    """What is missing of a finding."""
    record = finding.record()
    numbers = [finding.estimate, *(finding.interval or ()), finding.p, finding.p_adjusted]
    if not all(number is None or math.isfinite(number) for number in numbers):
        yield "a number is not finite"
    for key in ("statement", "plain", "unit", "unit_of_inference", "test", "family", "null"):
        if not record[key]:
            yield f"no {key}"
    if not set(finding.card) >= CARD or not all(finding.card.values()):
        yield "its card is not whole"
    if finding.estimate is not None:
        if finding.n <= 0:
            yield "an estimate of no units"
        if not re.search(r"\bn = [\d,]+ ", finding.statement):
            yield "n is not said"
    if not finding.plain.endswith(".") or not finding.statement.endswith("."):
        yield "a sentence has no full stop"
    if finding.plain == finding.statement:
        yield "the plain sentence is the statement"
    yield from _of_interval(finding)
    yield from _of_test(finding)


def _of_interval(finding: Finding) -> Iterator[str]:
    if finding.interval is None:
        return
    low, high = finding.interval
    if finding.estimate is None or not low - 1e-9 <= finding.estimate <= high + 1e-9:
        yield "the estimate lies outside its interval"
    if "interval" not in finding.statement:
        yield "the interval is not said"


def _of_test(finding: Finding) -> Iterator[str]:
    """A p has its test, the size of its family and an interval; without one the test says why."""
    if finding.p is None:
        no_cluster = re.search("no cluster|not differ in any cluster", finding.statement)
        if not finding.test.startswith("none") and not no_cluster:
            yield f"no p of the test {finding.test}"
        if finding.p_adjusted is not None:
            yield "an adjusted p without a p"
        return
    if finding.test.startswith("none"):
        yield "a p without a test"
    # Against one block alone, a permutation p may lie a little below the t-test's.
    if finding.p_adjusted is None or not 0 <= finding.p <= finding.p_adjusted <= 1:
        yield "the adjusted p is missing, or smaller than p"
    if not re.search(r"\d", finding.family):
        yield "the size of the family is missing"
    if finding.interval is None:
        yield "a p without an interval"
    if not _P.search(finding.statement):
        yield "the p is not said"
    if not re.search(r"family of \d|a single test|tests, Holm", finding.statement):
        yield "the family is not said"
    if finding.test.split(",")[0].split(" (")[0] not in finding.statement:
        yield "the test is not said"
    if finding.card and finding.test not in finding.card["test"]:
        yield "the card does not name the test"
