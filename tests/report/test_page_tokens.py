"""What a page holds of the tokens is what the run holds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from odograph.report import profiles
from odograph.report.packing import unpacked
from odograph.report.page import as_json
from odograph.report.profiles import profiles_of
from odograph.report.tokens import token_data

TEXTS = ["They gave her a book, and her dog.", "He saw 😀 her there, in Röcken.", "Nothing at all."]


@pytest.fixture
def run(measured: Callable[..., Any], gpt2_folder: Path) -> Any:
    return measured(gpt2_folder, TEXTS, targets=["her"], untrained=2, logits="full")


def column(run: Any, name: str, table: str = "layers") -> np.ndarray:
    order = "layer, passage, position" if table == "layers" else "passage, position"
    found = run.sql(f"select {name} as value from {table} order by {order}").fetchnumpy()["value"]
    return np.ma.filled(np.ma.asarray(found).astype(np.float64), np.nan)


def test_lengths_and_turns_are_those_of_the_run(run: Any) -> None:
    data = token_data(run, 10**7)
    norm, rotation = (unpacked(data["states"][n]).reshape(-1) for n in ("norm", "rotation"))
    assert np.allclose(norm, column(run, "norm"), rtol=5e-5)
    assert np.allclose(rotation, column(run, "rotation"), atol=0.0015, equal_nan=True)
    assert data["tokens"] == data["of_tokens"] == len(column(run, "position", "tokens"))


def test_what_is_stored_once_a_token_is_that_of_the_run(run: Any) -> None:
    once = token_data(run, 10**7)["once"]
    for name in ("next_logprob", "entropy", "straightness"):
        there = column(run, name, "tokens")
        assert np.allclose(unpacked(once[name])[0], there, atol=6e-4, equal_nan=True), name


def test_the_twin_of_a_page_is_the_mean_of_the_seeds(run: Any) -> None:
    twin = unpacked(token_data(run, 10**7)["twin"]["rotation"]).reshape(-1)
    seeds = np.mean([column(one, "rotation") for one in run.untrained], axis=0)
    assert np.allclose(twin, seeds, atol=8 * 0.0015, equal_nan=True)


def test_every_token_stands_where_its_characters_are(run: Any) -> None:
    data = token_data(run, 10**7)
    gap, length = (unpacked(data["columns"][n]) for n in ("gap", "length"))
    row = 0
    for passage in data["passages"]:
        units = passage["text"].encode("utf-16-le")
        at = 0
        for _ in range(passage["tokens"]):
            start = at + int(gap[row])
            at = start + int(length[row])
            assert 0 <= start <= at <= len(units) // 2
            row += 1
        assert at == len(units) // 2 or not data["whole_texts"]


def test_a_small_room_holds_whole_passages_and_fewer_bytes(run: Any) -> None:
    small = token_data(run, 900, named=[2])
    assert [p["passage"] for p in small["passages"]] == [2]
    assert len(as_json(small)) < len(as_json(token_data(run, 10**7)))
    assert small["of_passages"] == 3


def test_a_single_passage_that_is_too_long_is_cut(
    measured: Callable[..., Any], gpt2_folder: Path
) -> None:
    run = measured(gpt2_folder, [TEXTS[0]])
    data = token_data(run, 300)
    assert 0 < data["tokens"] < data["of_tokens"]
    assert data["twin"] == {}


def test_curves_are_means_over_passages_of_means_over_their_usable_tokens(run: Any) -> None:
    curve = profiles_of(run)["rotation"]["curves"][0]
    found = run.sql("""
        select avg(m) as mean from (
            select passage, layer, avg(rotation) as m from layers join tokens
            using (passage, position) where position > 0 and not sink group by all)
        group by layer order by layer""").fetchall()
    assert curve["mean"][0] is None
    assert curve["mean"][1:] == pytest.approx([mean for (mean,) in found[1:]], rel=1e-6)
    labels = [c["label"] for c in profiles_of(run)["rotation"]["curves"]]
    assert labels == ["all tokens", "targets", "the token before"]


@pytest.mark.parametrize("held", [1, 3, 7, 16, 100])
def test_curves_read_a_part_at_a_time_are_the_same(
    held: int, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = profiles_of(run)
    monkeypatch.setattr(profiles, "_MOST_HELD", held)
    assert profiles_of(run) == whole


def test_a_step_of_the_random_walk_turns_by_45_degrees_at_first(run: Any) -> None:
    found = profiles_of(run)
    assert found["rotation"]["walk"][:2] == [None, pytest.approx(45)]
    assert found["relative_step"]["walk"][4] == pytest.approx(0.5)
    assert found["norm"]["walk"] is None


def test_json_of_a_page_can_end_no_script_element() -> None:
    text = as_json({"token": "</script><b>&\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"token": "</script><b>&\u2028"}
