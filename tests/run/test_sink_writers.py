"""Which block and which part writes what a sink carries, against plain hooks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from planted import WIDTH, planted_gpt2
from tiny import TEXTS

import odograph
from odograph.corpus.passages import Passage
from odograph.corpus.tokens import encode_passages
from odograph.models.loading import load
from odograph.run.config import RunConfig
from odograph.run.sink_writers import chosen_sinks, describe_sinks, sink_columns

Measured = Callable[..., Any]


def hooked(model: Any, ids: list[int], position: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States [L + 1, width] of a token, and what attention and the MLP of each block add."""
    seen: dict[str, list[np.ndarray]] = {"state": [], "attention": [], "mlp": []}

    def keep(name: str) -> Callable[..., None]:
        def hook(_: Any, __: Any, out: Any) -> None:
            value = out[0] if isinstance(out, tuple) else out
            seen[name].append(value[0, position].double().numpy())

        return hook

    def keep_first(_: Any, args: Any) -> None:
        seen["state"].append(args[0][0, position].double().numpy())

    blocks = model.transformer.h
    handles = [blocks[0].register_forward_pre_hook(keep_first)]
    for block in blocks:
        handles += [
            block.register_forward_hook(keep("state")),
            block.attn.register_forward_hook(keep("attention")),
            block.mlp.register_forward_hook(keep("mlp")),
        ]
    with torch.no_grad():
        model(torch.tensor([ids]), use_cache=False)
    for handle in handles:
        handle.remove()
    states, attention, mlp = (np.stack(seen[name]) for name in ("state", "attention", "mlp"))
    return states, attention, mlp


def test_growth_is_shared_among_the_parts_as_plain_hooks_say(gpt2_folder: Path) -> None:
    loaded = load(gpt2_folder)
    passages = [Passage(str(n), text, "here") for n, text in enumerate(TEXTS)]
    encoded = tuple(encode_passages(passages, loaded.tokenizer).encoded)
    sinks = {"position 0": np.array([[2, 0]]), "later": np.array([[4, 3], [0, 5], [4, 7]])}
    found = sink_columns(loaded, encoded, sinks, RunConfig())
    for number, tokens in enumerate(sinks.values()):
        rows = found["place"] == number
        assert found["block"][rows].tolist() == [1, 2, 3, 4]
        assert (found["tokens"][rows] == len(tokens)).all()
        wanted: dict[str, list[np.ndarray]] = {"norm": [], "attention": [], "mlp": [], "share": []}
        for passage, position in tokens.tolist():
            ids = encoded[passage].token_id.tolist()
            states, attention, mlp = hooked(loaded.model, ids, position)
            length = np.linalg.norm(states, axis=1)
            middle = (states[1:] + states[:-1]) / (length[1:] + length[:-1])[:, None]
            wanted["norm"].append(length)
            wanted["attention"].append((attention * middle).sum(1))
            wanted["mlp"].append((mlp * middle).sum(1))
            wanted["share"].append(states[1:] ** 2 / length[1:, None] ** 2)
        norm = np.mean(wanted["norm"], axis=0)
        np.testing.assert_allclose(found["norm"][rows], norm[1:], rtol=1e-5)
        np.testing.assert_allclose(found["norm_before"][rows], norm[:-1], rtol=1e-5)
        for part in ("attention", "mlp"):
            growth = np.mean(wanted[part], axis=0)
            np.testing.assert_allclose(found[f"{part}_growth"][rows], growth, atol=1e-5)
        share = np.mean(wanted["share"], axis=0)
        assert found["coordinate"][rows].tolist() == share.argmax(axis=1).tolist()
        np.testing.assert_allclose(found["share"][rows], share.max(axis=1), rtol=1e-5)
    parts = found["attention_growth"] + found["mlp_growth"]
    np.testing.assert_allclose(parts, found["growth"], atol=1e-5)


def test_the_block_that_writes_and_the_one_that_takes_away_are_named() -> None:
    columns = {
        "place": np.zeros(3, int),
        "block": np.array([1, 2, 3]),
        "tokens": np.full(3, 4),
        "growth": np.array([1.0, 90.0, -80.0]),
        "attention_growth": np.array([0.5, -10.0, -79.0]),
        "mlp_growth": np.array([0.5, 100.0, -1.0]),
        "coordinate": np.array([7, 5, 6]),
        "share": np.array([0.1, 0.9, 0.2]),
    }
    written = {"block": 2, "part": "mlp", "growth": 90.0, "coordinate": 5, "share": 0.9}
    removed = {"block": 3, "part": "attention", "growth": -80.0, "coordinate": 6, "share": 0.2}
    found = describe_sinks(columns)
    assert found == {"position 0": {"tokens": 4, "written": written, "removed": removed}}
    columns["attention_growth"] = columns["mlp_growth"] = np.full(3, np.nan)
    assert describe_sinks(columns)["position 0"]["written"]["part"] == ""


def test_no_more_than_four_sinks_of_each_place_are_looked_at() -> None:
    sink, passing, calm = np.ones(5, bool), np.arange(5) == 2, np.zeros(5, bool)
    first = np.stack([calm, *[sink] * 6])
    later = np.stack([passing, sink, calm, passing])
    tokens = np.array([[0, 1], [0, 2], [1, 1], [1, 2]])
    found = chosen_sinks(first, later, tokens)
    assert {place: each.tolist() for place, each in found.items()} == {
        "position 0": [[1, 0], [2, 0], [3, 0], [4, 0]],
        "later": [[0, 2]],
        "passing": [[0, 1], [1, 2]],
    }


@pytest.mark.parametrize("sink", [True, False])
def test_a_run_has_the_table_with_or_without_sinks(sink: bool, measured: Measured) -> None:
    start = np.tile(np.eye(WIDTH)[0], (40, 1))
    start[3, 0] = 100 if sink else 1
    run = measured(
        planted_gpt2(start, [np.eye(WIDTH)[n] * 0.5 for n in range(1, 4)]),
        [[3, 1, 2, 4], [1, 2, 3, 4, 6], [2, 4, 6]],
        logits="none",
    )
    rows = run.sql("select place, block, norm_before from sinks order by all").fetchall()
    later = [("later", n + 1, pytest.approx(np.sqrt(1e4 + n / 4), rel=1e-6)) for n in range(3)]
    assert rows == ([*later, *(("position 0", *row[1:]) for row in later)] if sink else [])
    assert len(run.arrow("sinks")) == len(rows)
    assert odograph.open(run.folder).manifest["pilot"]["sinks"].keys() == (
        {"later", "position 0"} if sink else set()
    )
