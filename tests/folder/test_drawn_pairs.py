"""Drawn pairs: all that touch no sink, and of a large run a part of them at every layer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from odograph.folder import drawn_pairs
from odograph.folder.drawn_pairs import drawn_angles, pairs_of_documents

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def run(measured: Callable[..., Any], gpt2_folder: Path) -> Any:
    return measured(gpt2_folder, pairs=200, logits="none", shard_tokens=20)


def rows_of(run: Any, null: str, more: str = "true") -> list[tuple[Any, ...]]:
    """Layer, angle and both documents, found pair by pair."""
    tokens = {
        (passage, position): document
        for passage, position, document in run.sql(
            "select passage, position, document from tokens where position > 0 and not sink"
        ).fetchall()
    }
    pairs = run.sql(f"""
        select layer, angle::double, passage, position, other_passage, other_position
        from pairs where "null" = '{null}' and isfinite(angle) and {more}""").fetchall()
    return sorted(
        (layer, angle, tokens[a], tokens[b])
        for layer, angle, *place in pairs
        if (a := tuple(place[:2])) in tokens and (b := tuple(place[2:])) in tokens
    )


@pytest.mark.parametrize("null", ["same-layer", "mismatched-step", "any-position-any-layer"])
def test_all_pairs_of_usable_tokens_are_read(null: str, run: Any) -> None:
    layers, angles = drawn_angles(run, null)
    found = rows_of(run, null)
    assert len(found) > 100
    assert sorted(zip(layers.tolist(), angles.tolist(), strict=True)) == [r[:2] for r in found]


def test_pairs_of_documents_are_of_two(run: Any) -> None:
    found = pairs_of_documents(run)
    columns = [getattr(found, n).tolist() for n in ("layer", "angle", "first", "second")]
    read = zip(*columns, strict=True)
    assert sorted(read) == [row for row in rows_of(run, "same-layer") if row[2] != row[3]]


def test_of_many_pairs_a_part_is_read_the_same_at_every_layer(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = len(drawn_angles(run, "same-layer")[0])
    monkeypatch.setattr(drawn_pairs, "_MOST_ROWS", every // 4)
    layers, angles = drawn_angles(run, "same-layer")
    assert every / 10 < len(layers) < every / 2.5
    assert len({int((layers == layer).sum()) for layer in np.unique(layers)}) == 1
    assert set(layers.tolist()) == set(range(run.blocks + 1))
    again = drawn_angles(run, "same-layer")
    assert np.array_equal(again[0], layers)
    assert np.array_equal(again[1], angles)
