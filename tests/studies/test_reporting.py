"""What the findings of a study share, and what a finding says otherwise."""

import math

import pytest

from odograph.sentences.record import NullValue
from odograph.statistics.intervals import BCA, interval_of
from odograph.statistics.values import Interval, IntervalMethod, known
from odograph.studies.defaults import FindingDefaults

USUAL = FindingDefaults("rotation", n=7, null="untrained twin", excluded=2, unit="degrees")


def test_a_finding_takes_what_is_usual_and_is_descriptive() -> None:
    found = USUAL.finding("It turns.", "It does.", 3.5, Interval(3, 4, 0.95, BCA))
    assert found.record() == {
        "study": "rotation",
        "statement": "It turns.",
        "plain": "It does.",
        "estimate": 3.5,
        "interval": (3, 4),
        "unit": "degrees",
        "n": 7,
        "unit_of_inference": "passage",
        "excluded": 2,
        "test": "none: descriptive",
        "family": "none",
        "null": "untrained twin",
        "p": None,
        "p_adjusted": None,
        "card": {},
        "headline": "It turns",
        "estimate_of": "",
        "evidence": ["n = 7 passages, 2 left out"],
        "verdict": "describes",
        "null_values": [],
        "weight": 1,
        "show": {},
        "over_documents": {},
    }


def test_what_is_said_otherwise_holds() -> None:
    found = USUAL.finding("It is.", "So.", 0.2, unit="r", n=5, test="t", p=0.04, p_adjusted=0.1)
    assert (found.unit, found.n, found.test, found.p, found.p_adjusted) == ("r", 5, "t", 0.04, 0.1)
    assert (found.excluded, found.null) == (2, "untrained twin")


def test_no_number_is_none() -> None:
    found = USUAL.finding("It is.", "So.", math.nan, Interval(math.nan, 1, 0.95, BCA), p=math.nan)
    assert (found.estimate, found.interval, found.p) == (None, None, None)
    assert (known(math.inf), known(None), known(2)) == (None, None, 2.0)


def test_an_interval_needs_both_bounds() -> None:
    assert interval_of(1, 2, BCA) == Interval(1.0, 2.0, 0.95, IntervalMethod(BCA))
    assert interval_of(math.nan, 2, BCA) is None


def test_the_sample_reads_as_in_every_sentence() -> None:
    assert USUAL.sample == "n = 7 passages"


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        USUAL.finding("It is.", "So.", 1.0, colour="red")  # type: ignore[call-arg]


def test_a_null_that_is_no_number_is_no_part_of_a_record() -> None:
    nan = float("nan")
    nulls = (NullValue("untrained twins", nan), NullValue("random order", 2.0, nan, 3.0))
    record = USUAL.finding("It is.", "So.", 1.0, null_values=nulls).record()
    assert [null["name"] for null in record["null_values"]] == ["random order"]
    assert (record["null_values"][0]["low"], record["null_values"][0]["high"]) == (None, 3.0)
    assert not any("twins" in line for line in record["evidence"])
