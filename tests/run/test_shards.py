"""How passages are cut into shards: as many tokens as asked for, more in a large corpus."""

from typing import Any

from odograph.run.shards import MOST_SHARDS, cut_into_shards


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
