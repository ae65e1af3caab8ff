"""A time is told in the same words before a run and while its ranks are at work."""

from odograph.sentences.english import duration


def test_times_are_told_in_the_unit_that_suits_them() -> None:
    assert [duration(s) for s in (12.3, 300, 9000)] == ["12 s", "5 min", "2.5 h"]


def test_a_unit_changes_where_the_next_one_says_as_much() -> None:
    seconds = (0, 89.4, 90, 5399, 5400)
    assert [duration(s) for s in seconds] == ["0 s", "89 s", "2 min", "90 min", "1.5 h"]
