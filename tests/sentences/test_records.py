"""A finding as a record: the fields of the contract, and what its numbers allow to be said."""

import json
from dataclasses import replace

import pytest

from odograph.sentences.names import name_of_test
from odograph.sentences.record import (
    DESCRIPTION,
    LEAD,
    PRIMARY,
    Finding,
    NullValue,
    Reading,
    first_clause,
    verdict_of,
)
from odograph.sentences.verdicts import BEYOND, DESCRIBES, LIKE, UNDECIDED
from odograph.statistics.keys import SignificanceTest

FINDING = Finding(
    study="rotation",
    statement="The rotation of 'her' is 3.2 degrees larger than that of the token before it in "
    "block 2 (difference 3.2 degrees; n = 54 passages, 2 left out). More of it.",
    plain="It turns more.",
    estimate=3.2,
    interval=(2.1, 4.3),
    unit="degrees",
    n=54,
    unit_of_inference="passage",
    excluded=2,
    test="sign-flip permutation",
    family="12 layers",
    null="no difference",
    p=0.001,
    p_adjusted=0.012,
    card={"model": "tiny"},
)
TWINS = NullValue("untrained twins", 3.0, 1.5, 4.5, seeds=3)


def test_a_record_has_every_field_of_the_contract_and_is_plain_json():
    record = json.loads(json.dumps(FINDING.record(), allow_nan=False))
    assert set(record) == {
        *("study", "headline", "evidence", "verdict", "null_values", "weight", "show"),
        *(
            "statement",
            "plain",
            "estimate",
            "estimate_of",
            "interval",
            "unit",
            "n",
            "unit_of_inference",
        ),
        *("excluded", "test", "family", "p", "p_adjusted", "null", "card", "over_documents"),
    }
    assert replace(FINDING, data=[1]).record()["data"] == [1]


def test_of_many_units_size_leads_and_not_p():
    few, many = (replace(FINDING, n=n, weight=PRIMARY, d_z=0.04) for n in (1_999, 2_000))
    assert few.record()["weight"] == PRIMARY
    assert many.record()["weight"] == DESCRIPTION
    assert few.record()["statement"] == FINDING.statement
    assert many.record()["statement"] == (
        f"{FINDING.statement} Its size is 0.040 standard deviations over passages (d_z), less than "
        "0.1, the smallest effect of interest: of so many passages a test finds that too."
    )
    unseen = replace(many, p=0.2, p_adjusted=0.3).record()["statement"]
    assert unseen.endswith("(d_z), less than 0.1, the smallest effect of interest.")
    large = replace(many, d_z=-0.31).record()
    assert large["weight"] == PRIMARY
    assert large["statement"].endswith("Its size is 0.31 standard deviations over passages (d_z).")
    assert large["d_z"] == -0.31
    over_seeds = replace(many, test=name_of_test(SignificanceTest.SEEDS))
    assert over_seeds.record()["weight"] == PRIMARY  # how many texts there are does not make its p


def test_a_headline_is_the_first_clause_without_brackets_unless_it_is_given():
    said = "The rotation of 'her' is 3.2 degrees larger than that of the token before it in block 2"
    assert FINDING.record()["headline"] == said
    assert replace(FINDING, headline="It turns.").record()["headline"] == "It turns."
    assert first_clause("By 3.2 of 4: no more. Else") == "By 3.2 of 4"


def test_evidence_counts_the_sample_and_says_what_each_null_gives():
    dealt = NullValue("random order", 0.046)
    found = replace(FINDING, null_values=(TWINS, dealt), evidence=("in both halves",))
    assert found.record()["evidence"] == [
        "n = 54 passages, 2 left out",
        "untrained twins: 3.00 (1.50 to 4.50)",
        "random order: 0.046",
        "in both halves",
    ]
    assert found.record()["null_values"][0] == {
        "name": "untrained twins", "estimate": 3.0, "low": 1.5, "high": 4.5, "seeds": 3,
        "values": (),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, BEYOND),
        ({"p_adjusted": 0.05}, UNDECIDED),
        ({"p_adjusted": None}, BEYOND),
        ({"p_adjusted": 0.4, "null_values": (TWINS,)}, LIKE),
        ({"p_adjusted": 0.4, "null_values": (replace(TWINS, low=2.5),)}, UNDECIDED),
        ({"p_adjusted": 0.4, "null_values": (replace(TWINS, seeds=1),)}, UNDECIDED),
        ({"p": None, "p_adjusted": None, "test": "none: descriptive"}, DESCRIBES),
        ({"p": None, "p_adjusted": None, "test": "none: few", "interval": None}, DESCRIBES),
        ({"verdict": LIKE}, LIKE),
        # Beside twins the test over seeds leads; one over documents alone never says `beyond`.
        ({"null_values": (TWINS,)}, LIKE),
        ({"null_values": (replace(TWINS, low=2.5),)}, UNDECIDED),
        ({"null_values": (TWINS,), "test": "t over seeds of untrained twins"}, BEYOND),
    ],
)
def test_the_verdict_is_what_the_numbers_allow(changes, verdict):
    found = replace(FINDING, **changes)
    assert found.record()["verdict"] == verdict
    assert "verdict" in changes or verdict_of(found) == verdict


def test_what_was_tested_weighs_more_than_what_is_described():
    described = replace(FINDING, p=None, p_adjusted=None, test="none: descriptive")
    weights = [one.record()["weight"] for one in (replace(FINDING, weight=3), FINDING, described)]
    assert weights == [3, 2, 1]


@pytest.mark.parametrize("test", ["none: descriptive", "none: fewer than 6 texts"])
def test_what_was_not_tested_is_a_description_whatever_its_section_asks(test):
    found = replace(FINDING, p=None, p_adjusted=None, test=test, weight=3)
    assert found.record()["weight"] == 1


def test_the_lead_of_a_study_without_a_test_stands_before_its_other_descriptions():
    found = replace(FINDING, p=None, p_adjusted=None, test="none: descriptive", weight=LEAD)
    described = replace(found, weight=0, readings=(Reading("trimmed", 3.0, None),), survives=True)
    assert 3 > found.record()["weight"] > described.record()["weight"]


def test_a_primary_test_that_found_no_cluster_keeps_its_weight():
    found = replace(FINDING, p=None, p_adjusted=None, weight=3)
    assert found.record()["weight"] == 3


def test_what_is_too_much_for_the_evidence_ends_the_statement():
    why = "block 25's peak is made by 3 of 576 coordinates: without them block 30"
    over = "over passages, in this network, for this word: p < .001; in 5 of 5 twins too"
    full = replace(FINDING, null_values=(TWINS,), evidence=(why, over, "2 copies joined"))
    record = full.record()
    assert why in record["evidence"]
    assert "2 copies joined" in record["evidence"]
    assert len(" ".join(record["evidence"]).split()) <= 30
    assert record["statement"] == f"{FINDING.statement} {over[0].upper()}{over[1:]}."
    assert FINDING.record()["statement"] == FINDING.statement
