"""One run for several studies and a user: measures add up, of other options the user's holds."""

import pytest

from odograph.errors import UsageError
from odograph.measures import DEFAULT_MEASURES
from odograph.studies.demo import united


def test_a_study_that_needs_no_measure_leaves_them_as_they_are() -> None:
    assert united([{"untrained": 3}], {}) == {"untrained": 3}
    assert united([{}], {"measures": "bend"}) == {"measures": "bend"}


def test_measures_needed_are_added_to_the_usual_ones() -> None:
    assert united([{"measures": ("bend",)}], {})["measures"] == [*DEFAULT_MEASURES, "bend"]


@pytest.mark.parametrize("given", ["growth,path", ("growth", "path"), ["growth", "path"]])
def test_measures_needed_are_added_to_those_given(given: object) -> None:
    measures = united([{"measures": ["bend"]}, {"measures": "bend"}], {"measures": given})[
        "measures"
    ]
    assert ",".join(measures) == "growth,path,bend"


def test_what_was_given_wins_over_what_is_needed() -> None:
    needs = [{"untrained": 3, "logits": "full"}]
    assert united(needs, {"untrained": 0}) == {"untrained": 0, "logits": "full"}


def test_two_studies_must_agree_unless_somebody_decides() -> None:
    needs = [{"untrained": 3}, {"untrained": 1}]
    with pytest.raises(UsageError, match=r"different values of 'untrained'.*got 3 and 1"):
        united(needs, {})
    assert united(needs, {"untrained": 2}) == {"untrained": 2}
    assert united([{"untrained": 3}, {"untrained": 3}, {}], {}) == {"untrained": 3}


def test_whole_is_no_need_where_all_texts_are_tables() -> None:
    needs = [{"whole": True, "tags": "conllu"}]
    assert "whole" not in united(needs, {"texts": ["a.jsonl", "B.CSV"]})
    assert united(needs, {"texts": ["a.jsonl", "b.txt"]})["whole"]
    assert united(needs, {"texts": "-"})["whole"]
    assert united(needs, {"texts": ["a.jsonl"], "whole": True})["whole"]
