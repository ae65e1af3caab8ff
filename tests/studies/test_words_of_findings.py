"""What a reader sees first of a finding is short, true to its record, and said once."""

from typing import Any

import pytest
from record_rules import assert_well_said, verdict_by_rule

from odograph.sentences.wording import numbers_without_record, of_words, said_twice

RECORD: dict[str, Any] = {
    "study": "rotation",
    "headline": "'her' turns 5.79 degrees more than the token before it, over 8 blocks",
    "evidence": ["n = 54 passages", "untrained twins: 1.40 (-2.55 to 7.78)"],
    "statement": "The rotation is larger (difference 5.79 degrees). The curves differ as wholes.",
    "plain": "It turns more.",
    "estimate": 5.791,
    "interval": [4.02, 7.54],
    "p": 0.001,
    "p_adjusted": 0.002,
    "test": "t over seeds of untrained twins",
    "null": "no difference",
    "null_values": [
        {"name": "untrained twins", "estimate": 1.4, "low": -2.55, "high": 7.78, "seeds": 5}
    ],
    "over_documents": {"p_adjusted": 0.01},
    "verdict": "beyond",
}


def test_a_record_that_keeps_to_the_rules_has_no_problem() -> None:
    assert list(of_words(RECORD)) == []
    assert_well_said([RECORD])


@pytest.mark.parametrize(
    "plain",
    [
        "Of 3176 words one is split.",
        "It rests on n = 3064 lemmas.",
        "From the least: 3, 1, ...",
        "It turns the the least.",
        "In 1 of 10, of which 1 also lie beyond it.",
        "It turns  more.",
    ],
    ids=["no comma", "no comma in n", "dots", "doubled word", "plural of one", "two spaces"],
)
def test_a_slip_of_the_pen_in_a_sentence_is_caught(plain: str) -> None:
    with pytest.raises(AssertionError):
        assert_well_said([RECORD | {"plain": plain}])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"headline": "It turns " + "very " * 19}, "a headline of 21 words, at most 20"),
        ({"headline": ""}, "a headline of 0 words, at most 20"),
        ({"headline": "It turns (much more)"}, "brackets in the headline"),
        ({"headline": "It turns."}, "a full stop behind the headline"),
        ({"headline": "It turns 5.78 degrees"}, "the headline says 5.78, which its record has not"),
        ({"headline": "It thinks"}, "forbidden: thinks"),
        (
            {"headline": "The two differ", "estimate_of": ""},
            "the headline does not say its number, and nothing says what that is",
        ),
        ({"evidence": ["so"] * 2}, "something stands twice in headline and evidence"),
        ({"evidence": ["one two three"] * 11}, "an evidence of 33 words, at most 30"),
        (
            {"plain": "In blocks 1, 3, 5, 7, 9, 11, 13."},
            "a list of more than 6 places in 'In blocks 1, 3, 5, 7, 9, 11, 13.'",
        ),
    ],
)
def test_what_breaks_a_rule_is_named(change: dict[str, Any], problem: str) -> None:
    assert problem in list(of_words(RECORD | change))


@pytest.mark.parametrize(
    ("headline", "without"),
    [
        ("Block 3 turns least, yet skipping it costs 0.21 nats; skipping block 6 costs 0.07", []),
        ("Of states 0 to 8, in 6 of 8 blocks the two at block 7 of 8 differ", ["6"]),
        ("It holds 21 % of '99 words'", []),
        ("gpt2-tiny turns 0.21 degrees more than step-10/model at relative depth 0.75", []),
        ("It holds 22 % of r = -.07", ["22"]),
    ],
)
def test_numbers_of_a_headline_are_those_of_the_record_but_for_places(
    headline: str, without: list[str]
) -> None:
    record = {"headline": headline, "estimate": -0.0712, "data": {"block 3": 0.2103, "yes": True}}
    assert numbers_without_record(record) == without


def test_a_remark_belongs_into_one_finding_and_a_headline_is_told_once() -> None:
    remark = "A small turn can still be vital here"
    said = [{"headline": f"It is {k}", "statement": f"In block {k} so. {remark}."} for k in (1, 2)]
    assert said_twice(said) == [remark]
    assert said_twice([{"headline": "It is", "statement": "So."}] * 2) == ["It is"]


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "beyond"),
        ({"over_documents": {"p_adjusted": 0.2}}, "like"),
        ({"p_adjusted": 0.2, "interval": [4.02, 8.0]}, "undecided"),
        ({"test": "sign-flip permutation", "interval": None}, "undecided"),
        ({"test": "none: descriptive", "p": None, "interval": None}, "describes"),
    ],
)
def test_the_rule_of_verdicts_is_the_one_that_is_documented(
    change: dict[str, Any], verdict: str
) -> None:
    assert verdict_by_rule(RECORD | change) == {verdict}
