"""What a headline about a difference begins with: a phrase has a capital, a name is as it is."""

import pytest

from odograph.sentences.differences import difference_headline
from odograph.statistics.values import Comparison, Estimate, Interval, PValue


@pytest.mark.parametrize(
    ("target", "beginning"),
    [("a marked word", "A marked word turns"), ("'her'", "'her' turns"), ("gpt2", "gpt2 turns")],
)
def test_a_headline_begins_with_a_capital_but_changes_no_name(target: str, beginning: str) -> None:
    assert difference_headline(_turns_more(target)).startswith(beginning)


def _turns_more(target: str) -> Comparison:
    interval = Interval(5.55, 11.1, 0.95, "t")
    estimate = Estimate(8.32, "degrees", 8, "documents", interval)
    tested = PValue("t with words crossed with texts", 0.001, 1)
    return Comparison(
        "rotation summed over all blocks",
        target,
        "the token before it",
        "in the same texts",
        estimate,
        tested,
    )
