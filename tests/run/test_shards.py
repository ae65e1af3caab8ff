"""How passages are cut into shards: as many tokens as asked for, more in a large corpus."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from odograph.run.shards import MOST_SHARDS, cut, cut_into_shards


def sizes(passages: int, tokens: int, shard_tokens: int) -> list[int]:
    """Tokens of the shards of so many passages of so many tokens."""
    encoded: Any = [range(tokens)] * passages
    return [shard.tokens for shard in cut_into_shards(encoded, shard_tokens)]


def test_a_shard_has_as_many_tokens_as_asked_for() -> None:
    assert sizes(10, 8, 20) == [24, 24, 24, 8]


def test_a_large_corpus_is_cut_into_larger_shards_and_not_into_more() -> None:
    assert len(sizes(MOST_SHARDS, 20, 20)) == MOST_SHARDS
    large = sizes(10 * MOST_SHARDS + 1, 20, 20)
    assert len(large) <= MOST_SHARDS
    assert set(large[:-1]) == {220}
    assert sum(large) == 20 * (10 * MOST_SHARDS + 1)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20), st.integers(1, 9))
def test_a_part_ends_where_it_has_enough(sizes: list[int], least: int, most: int) -> None:
    parts = list(cut(np.array(sizes, np.int32), least, most))
    assert [place for part in parts for place in part] == list(range(len(sizes)))
    enough = max(least, -(-sum(sizes) // most))
    assert len(parts) <= most + 1
    for part in parts[:-1]:
        assert sum(sizes[place] for place in part) >= enough
        assert sum(sizes[place] for place in part[:-1]) < enough
