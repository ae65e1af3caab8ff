"""What a card says of the tokens left out is what was measured."""

from typing import Any

import pytest

from odograph.folder.card import excluded_in_each, excluded_words


def manifest(**more: Any) -> dict[str, Any]:
    return {
        "config": {"keep_first": False},
        "exclusions": {"first_position": 54, "sinks": 2},
        "not_a_number": {},
        **more,
    }


@pytest.mark.parametrize(
    ("sinks", "wanted"),
    [
        ({"first": 54, "first_sinks": 54}, "54 at position 0 (an attention sink in 54 of 54"),
        ({"first": 54, "first_sinks": 0}, "54 at position 0 (an attention sink in 0 of 54"),
    ],
)
def test_in_how_many_passages_position_0_is_a_sink_is_said(
    sinks: dict[str, int], wanted: str
) -> None:
    assert excluded_words(manifest(sinks=sinks)) == f"{wanted} passages), 2 later sinks"


def test_position_0_that_is_kept_says_so_too() -> None:
    kept = manifest(sinks={"first": 54, "first_sinks": 50}, config={"keep_first": True})
    assert excluded_words(kept).startswith(
        "position 0 is kept (an attention sink in 50 of 54 passages), "
    )


@pytest.mark.parametrize("sinks", [{}, {"sinks": {"first": 0, "first_sinks": 0}}])
def test_where_it_was_not_measured_nothing_is_said_of_it(sinks: dict[str, Any]) -> None:
    assert excluded_words(manifest(**sinks)) == "54 at position 0, 2 later sinks"


def test_several_models_are_said_each_by_its_name() -> None:
    one, other = manifest(), manifest(sinks={"first": 54, "first_sinks": 3})
    assert excluded_in_each({"a": one, "b": other}) == (
        "a: 54 at position 0, 2 later sinks; "
        "b: 54 at position 0 (an attention sink in 3 of 54 passages), 2 later sinks"
    )
