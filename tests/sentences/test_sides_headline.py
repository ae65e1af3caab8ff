"""Where two groups differ on both sides of 0, the headline has at most twenty words."""

import pytest

from odograph.sentences.two_groups import sides_headline

NAMES = ("nouns", "adjectives")


@pytest.mark.parametrize(
    ("where", "ending"),
    [
        ("longer in block 1, shorter in block 2", "shorter in block 2 than those of adjectives"),
        (
            "longer in blocks 17, 20, 30, shorter in blocks 2, 10, 21-25, 28",
            "shorter in blocks 2, 10, 21-25, 28",
        ),
    ],
)
def test_what_it_is_compared_with_is_left_out_where_there_are_no_words_left(
    where: str, ending: str
) -> None:
    said = sides_headline("step", NAMES, where)
    assert said.startswith("The steps of nouns are longer in block")
    assert said.endswith(ending)
    assert len(said.split()) <= 20
