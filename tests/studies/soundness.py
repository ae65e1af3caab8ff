"""The rules that every finding and every sentence of a study keeps to, on whatever run."""

import math
import pickle
import re

from odograph.folder.run import Run
from odograph.sentences.record import Finding
from odograph.sentences.templates import forbidden
from odograph.studies.result import StudyResult

CARD = {"model", "precision", "convention", "BOS", "left out", "unit", "test", "versions", "seed"}
#: Words of a count of nothing, or of one, where a list or a plural was meant.
_BROKEN = re.compile(
    r"\b(block|layer|state|depth)s? none\b"
    r"|(?<!of )\b1 (untrained twins|passages|blocks|words|tokens)\b"
    r"|\bfamily of 0\b|\bnan\b|  ",
    re.IGNORECASE,
)
_P = re.compile(r"\bp (= \.?\d|< \.\d)")


def sentences_of(result: StudyResult) -> list[str]:
    """Everything a result says in words."""
    said = [result.question, *result.notes, *result.card.values()]
    for finding in result.findings:
        said += [finding.statement, finding.plain, finding.null, finding.test, finding.family]
    for plot in result.plots:
        said += [plot.title, plot.caption, plot.null]
    return [*said, *(table.title for table in result.tables)]


def assert_sound(result: StudyResult, run: Run | None = None) -> None:
    """Nothing missing, no NaN, no word that must not be said, no p without what it stands for.

    Every figure can be drawn, by another process too.
    """
    assert result.findings
    for text in sentences_of(result):
        assert forbidden(text) == (), text
        assert "significant" not in text.lower(), text
        broken = _BROKEN.search(text)
        assert broken is None, (broken, text)
    for finding in result.findings:
        assert_finding(finding)
        assert set(finding.card) >= CARD, finding.card
    for table in result.tables:
        assert len({len(v) for v in table.columns.values()}) == 1, table.name
    assert len({plot.name for plot in result.plots}) == len(result.plots)
    for plot in result.plots:
        assert plot.null, plot.name
        sent = pickle.loads(pickle.dumps(plot.drawing))
        assert sent.figure().axes, plot.name


def assert_finding(finding: Finding) -> None:
    """One finding carries effect, interval, unit and n, what was left out, test, family, null."""
    record = finding.record()
    numbers = [finding.estimate, *(finding.interval or ()), finding.p, finding.p_adjusted]
    assert all(n is None or math.isfinite(n) for n in numbers), finding
    for key in ("statement", "plain", "unit", "unit_of_inference", "test", "family", "null"):
        assert isinstance(record[key], str), key
        assert record[key], (key, record["statement"])
    assert all(record["card"].values())
    assert finding.n > 0 or finding.estimate is None, finding
    assert finding.excluded >= 0
    _assert_tested(finding)
    if finding.interval is not None:
        low, high = finding.interval
        assert finding.estimate is not None
        assert low <= high
        assert low - 1e-9 <= finding.estimate <= high + 1e-9, finding.statement
        assert "interval" in finding.statement, finding.statement
    assert re.search(r"\bn = [\d,]+ ", finding.statement) or finding.estimate is None, finding
    assert finding.plain != finding.statement
    assert finding.plain.endswith("."), finding.plain
    assert finding.statement.endswith("."), finding.statement


def _assert_tested(finding: Finding) -> None:
    """A p has its test, the size of its family and an interval; without one the test says why."""
    if finding.p is None:
        no_cluster = re.search("no cluster|not differ in any cluster", finding.statement)
        assert finding.test.startswith("none") or no_cluster, finding.test
        assert finding.p_adjusted is None, finding
        return
    assert not finding.test.startswith("none"), finding.test
    assert finding.p_adjusted is not None
    # Against one block alone, a permutation p may lie a little below the t-test's.
    assert 0 <= finding.p <= finding.p_adjusted <= 1
    assert re.search(r"\d", finding.family), finding.family
    assert finding.interval is not None, finding.statement
    assert _P.search(finding.statement), finding.statement
    assert re.search(r"family of \d|a single test|tests, Holm", finding.statement), finding
    assert finding.test.split(",")[0].split(" (")[0] in finding.statement, finding
