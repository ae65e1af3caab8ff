"""Attention sinks: flags, passing sinks and counts are those of a plain computation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import WIDTH, planted_gpt2

from odograph.folder.pilot import LONG, read_pilot
from odograph.run.sinks import (
    add_sinks,
    count_sinks,
    long_states,
    median_norms,
    sinks_of,
)

Measured = Callable[..., Any]
BLOCKS = 6
MIDDLE = [1, 2, 3, 4, 5]


def drawn(seed: int, tokens: int) -> Any:
    """Norms with a few long tokens, a few that are no number and some that are infinite."""
    generator = np.random.default_rng(seed)
    norms = np.exp(generator.normal(size=(tokens, BLOCKS + 1))).astype(np.float32)
    norms[generator.random(tokens) < 0.1] *= 9
    norms[generator.random(norms.shape) < 0.02] = np.nan
    norms[generator.random(norms.shape) < 0.02] = np.inf
    return norms


@pytest.mark.parametrize("tokens", [1, 2, 9, 10, 300])
def test_flags_are_those_of_a_plain_computation(tokens: int) -> None:
    norms = drawn(tokens, tokens)
    medians = median_norms(norms)
    assert medians.tolist() == np.nanmedian(norms, axis=0).tolist()
    wanted = [
        sum(norms[t, n] > LONG * float(medians[n]) for n in MIDDLE) > len(MIDDLE) / 2
        for t in range(tokens)
    ]
    assert sinks_of(long_states(norms, medians)).tolist() == wanted


def test_nothing_is_a_sink_where_no_norm_is_a_number_or_there_is_no_token() -> None:
    medians = median_norms(np.full((3, 5), np.nan, np.float32))
    assert medians.tolist() == [np.inf] * 5
    assert median_norms(np.empty((0, 5), np.float32)).tolist() == [np.inf] * 5
    assert not sinks_of(long_states(np.full((2, 5), 1e30, np.float32), medians)).any()


def test_passing_sinks_are_counted_by_word_and_layers_and_add_up_over_shards() -> None:
    long = np.zeros((6, BLOCKS + 1), bool)
    long[0] = long[3] = True  # a sink at position 0, and a later one
    long[1, [2, 3]] = long[2, [3]] = long[5, [6]] = True
    words = ["The", " the", " the", "x", "y", " of"]
    counts = count_sinks(np.array([0, 1, 2, 3, 4, 5]), words, long)
    the = {"word": " the", "tokens": 2, "layers": {"2": 1, "3": 2}}
    of = {"word": " of", "tokens": 1, "layers": {"6": 1}}
    assert counts == {
        "first": 1,
        "first_sinks": 1,
        "later": 1,
        "passing": 3,
        "words": [the, of],
    }
    other = count_sinks(np.array([0, 1, 2]), ["A", " of", " of"], np.eye(3, BLOCKS + 1, 4) > 0)
    assert add_sinks([counts, other]) == {
        "first": 2,
        "first_sinks": 1,
        "later": 1,
        "passing": 5,
        "words": [
            {"word": " of", "tokens": 3, "layers": {"5": 1, "6": 2}},
            the,
        ],
    }


def test_of_many_words_those_with_most_passing_sinks_are_named() -> None:
    words = [f"w{n:03}" for n in range(150) for _ in range(1 + (n == 77))]
    long = np.zeros((len(words), 3), bool)
    long[:, 2] = True
    counts = count_sinks(np.arange(len(words)) + 1, words, long)
    assert counts["passing"] == 151
    assert len(counts["words"]) == 100
    named = add_sinks([counts])["words"]
    assert [one["word"] for one in named] == ["w077", *(f"w{n:03}" for n in range(19))]


@pytest.fixture
def long_first() -> Any:
    """Tokens 0 to 7: token 3 begins a hundred times as long as the others, 5 only at the start."""
    start = np.tile(np.eye(WIDTH)[0], (40, 1))
    start[3, 0], start[5, 0] = 100, 5.5
    steps = [np.eye(WIDTH)[n] * 0.5 for n in range(1, 5)]
    return planted_gpt2(start, steps)


def test_a_shard_is_written_with_its_flags_and_the_manifest_counts_them(
    long_first: Any, measured: Measured
) -> None:
    ids = [[3, 1, 2, 4], [1, 2, 3, 4, 6], [1, 5, 2, 4], [2, 1, 4, 6]]
    run = measured(long_first, ids, logits="none", shard_tokens=4)
    assert len(run.manifest["shards"]) == 4
    rows = run.sql("select passage, position from tokens where sink order by all").fetchall()
    assert rows == [(0, 0), (1, 2)]
    assert run.manifest["exclusions"]["sinks"] == 1
    sinks = run.manifest["sinks"]
    assert [sinks[n] for n in ("first", "first_sinks", "later", "passing")] == [4, 1, 1, 1]
    assert sinks["words"][0]["layers"]["0"] == 1


def test_the_medians_are_the_pilot_s_and_leave_position_0_out(
    long_first: Any, tmp_path: Path, measured: Measured
) -> None:
    ids = [[3, 1, 2], [3, 4, 6], [3, 5, 7]]
    run = measured(long_first, ids, logits="none")
    pilot = read_pilot(run.folder)
    assert pilot is not None
    norms = run.sql("select norm from layers where position > 0 order by layer").fetchnumpy()
    assert pilot.medians.tolist() == np.median(norms["norm"].reshape(5, 6), axis=1).tolist()
