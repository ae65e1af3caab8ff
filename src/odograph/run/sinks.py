"""Attention sinks, judged by the medians of the pilot, and what a shard says of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from odograph.folder.arrays import plain_values
from odograph.folder.pilot import LONG

#: Words that are named with their passing sinks, in a shard and in a run.
_WORDS_A_SHARD, _WORDS_A_RUN = 100, 20

Flags = NDArray[np.bool_]
Floats32 = NDArray[np.float32]
#: Positions of attention sinks, by passage.
Sinks = dict[int, NDArray[np.int64]]


def median_norms(norms: Floats32) -> Floats32:
    """The median length at each layer, [L + 1], of lengths [tokens, L + 1].

    NaN does not count; infinite where there is no number: nothing is a sink then.
    """
    known = (lengths[~np.isnan(lengths)] for lengths in norms.T)
    return np.array([np.median(k) if len(k) else np.inf for k in known], dtype=np.float32)


def long_states(norms: Floats32, medians: Floats32) -> Flags:
    """Where a state is more than 5 times as long as its layer's median token, [tokens, L + 1]."""
    limits = (LONG * medians.astype(np.float64)).astype(np.float32)
    return np.asarray(norms > limits)


def sinks_of(long: Flags) -> Flags:
    """The sinks, [tokens]: long in more than half of the middle layers.

    These are from a quarter to three quarters of the depth.
    """
    blocks = long.shape[1] - 1
    middle = long[:, blocks // 4 : blocks - blocks // 4 + 1]
    return np.asarray(middle.sum(axis=1) > middle.shape[1] / 2)


def count_sinks(position: NDArray[Any], token: Sequence[str | None], long: Flags) -> dict[str, Any]:
    """What the manifest says of the sinks among some tokens; see `add_sinks`.

    A passing sink is no sink, and long in some layers only. Position 0 is never called one.
    """
    sink, first = sinks_of(long), position == 0
    passing = long.any(axis=1) & ~sink & ~first
    words = [token[at] or "" for at in np.flatnonzero(passing).tolist()]
    return {
        "first": int(first.sum()),
        "first_sinks": int((first & sink).sum()),
        "later": int((sink & ~first).sum()),
        "passing": int(passing.sum()),
        "words": _by_word(words, long[passing]),
    }


def add_sinks(counts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The counts of all shards together.

    `first` is the number of passages with a row at position 0, `first_sinks` of those where that is
    a sink; `later` of sinks and `passing` of passing sinks after it; `words` are those with most
    passing sinks, how many, and in how many of them the state is long at each layer.
    """
    total: dict[str, Any] = {"first": 0, "first_sinks": 0, "later": 0, "passing": 0}
    words: dict[str, tuple[int, Counter[str]]] = {}
    for each in counts:
        total |= {name: total[name] + each[name] for name in total}
        for one in each["words"]:
            tokens, layers = words.get(one["word"], (0, Counter()))
            words[one["word"]] = tokens + one["tokens"], layers + Counter(one["layers"])
    return {**total, "words": _first_words(words, _WORDS_A_RUN)}


def _by_word(words: Sequence[str], long: Flags) -> list[dict[str, Any]]:
    found: dict[str, tuple[int, Counter[str]]] = {}
    for word, layers in zip(words, long, strict=True):
        tokens, known = found.get(word, (0, Counter()))
        found[word] = tokens + 1, known + Counter(map(str, np.flatnonzero(layers)))
    return _first_words(found, _WORDS_A_SHARD)


def _first_words(words: Mapping[str, tuple[int, Counter[str]]], most: int) -> list[dict[str, Any]]:
    order = sorted(words, key=lambda word: (-words[word][0], word))[:most]
    return [
        {"word": word, "tokens": tokens, "layers": dict(sorted(layers.items(), key=_layer))}
        for word in order
        for tokens, layers in (words[word],)
    ]


def _layer(count: tuple[str, int]) -> int:
    return int(count[0])


def read_sinks(folder: Path, record: Mapping[str, Any]) -> Sinks:
    """The attention sinks of a run, among the tokens that have rows.

    Args:
        folder: of the run.
        record: its manifest.
    """
    found: dict[int, list[int]] = {}
    names = [name for shard in record["shards"] for name in shard["files"]]
    for name in (name for name in names if name.startswith("tokens/")):
        table = parquet.read_table(
            folder / name, columns=["passage", "position", "sink"], use_threads=False
        )
        passage, position, sink = (plain_values(c.combine_chunks()) for c in table.columns)
        for p, at in zip(passage[sink].tolist(), position[sink].tolist(), strict=True):
            found.setdefault(p, []).append(at)
    return {passage: np.array(its, dtype=np.int64) for passage, its in found.items()}
