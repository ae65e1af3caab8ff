"""Which tokens of a run have rows: all, or those of drawn documents where sums are kept of all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from odograph.corpus.encoded import Encoded, Encoding
from odograph.corpus.stored import count_documents, count_tokens
from odograph.errors import UsageError
from odograph.run.config import RunConfig
from odograph.run.hash_order import drawn_documents

ROWS, SUMS = "rows", "sums"
#: On disk, measured on the bundled texts.
BYTES_A_VALUE, BYTES_A_TOKEN = 3.0, 45.0
#: Of a passage at a layer; and how many measures follow from those that are stored.
_BYTES_A_SUM, _DERIVED = 6.0, 6
#: Of a shard and measure at a layer, in histograms and extremes; and of the files themselves.
_BYTES_COUNTED, _BYTES_OF_FILES = 1_200.0, 15_000.0
#: Random pairs of each null and layer that a run of many shards draws in all.
_PAIRS = 16_384


@dataclass(frozen=True)
class Sample:
    """The part of a run that has rows.

    Attributes:
        passages: their numbers.
        pairs: random pairs that each shard draws for a null and layer.
        shards: how many shards the run has, each with histograms of its own.
        record: what the manifest says of it.
    """

    passages: frozenset[int]
    pairs: int
    shards: int
    record: dict[str, Any]

    def of(self, encoded: Sequence[Encoded]) -> Sequence[Encoded]:
        """Those of all passages of the run that have rows."""
        if len(self.passages) == len(encoded):
            return encoded
        return tuple(encoded[number] for number in sorted(self.passages))

    def encoding(self, whole: Encoding) -> Encoding:
        """The same of all texts."""
        return replace(whole, encoded=self.of(whole.encoded))


def sample_of(encoding: Encoding, config: RunConfig, blocks: int, shards: int) -> Sample | None:
    """The documents that have rows, drawn by the hash of their texts; None where all have.

    Args:
        encoding: the texts.
        config: of the run.
        blocks: of the model.
        shards: how many the texts are cut into.
    """
    if not keeps_sums(config, count_tokens(encoding.encoded), blocks):
        return None
    drawn = drawn_documents(encoding.encoded, config.sample_passages)
    return Sample(
        passages=frozenset(passage.passage for passage in drawn),
        pairs=min(config.pairs, -(-_PAIRS // shards)),
        shards=shards,
        record={
            "sums": True,
            "documents": count_documents(drawn),
            "passages": len(drawn),
            "tokens": count_tokens(drawn),
        },
    )


def keeps_sums(config: RunConfig, tokens: int, blocks: int) -> bool:
    """Whether a run of so many tokens keeps sums, as it is asked or as the budget says."""
    if config.keep != "auto":
        return config.keep == SUMS
    can = config.select == "all" and not config.groups
    return can and tokens * bytes_a_token(config, blocks) > config.keep_budget * 1e9


def bytes_a_token(config: RunConfig, blocks: int) -> float:
    """What the rows of a token take on disk, about."""
    return (blocks + 1) * max(3, len(config.measures)) * BYTES_A_VALUE + BYTES_A_TOKEN


def bytes_of_sums(config: RunConfig, passages: int, shards: int, blocks: int) -> float:
    """What sums of so many passages, histograms and extremes of shards take on disk, about."""
    measures = max(3, len(config.measures))
    sums = passages * (blocks + 1) * (measures + _DERIVED) * _BYTES_A_SUM
    return sums + shards * ((blocks + 1) * measures * _BYTES_COUNTED + _BYTES_OF_FILES)


def check_keep(config: RunConfig) -> None:
    """Nothing, if what is asked for can be kept as sums.

    Raises:
        UsageError: `--keep sums` where rows are of chosen tokens alone.
    """
    asked = ["--groups"] if config.groups else []  # which selects targets by itself
    asked += [] if config.select == "all" else [f"--select {config.select}"]
    if config.keep == SUMS and asked:
        raise UsageError(
            f"--keep sums with {asked[0]}",
            expected="rows, which are those of the chosen tokens alone",
            remedy="Leave out --keep.",
        )
