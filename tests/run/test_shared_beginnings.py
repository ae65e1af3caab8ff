"""Variants of one text run their common beginning once, and get what each gets alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import TEXTS, build_gpt2, build_llama

import odograph
from odograph.corpus.encoded import Encoded
from odograph.models.anatomy import dissect
from odograph.run import execute
from odograph.run.batches import Batch, join, make_batches
from odograph.run.budget import Budget
from odograph.run.sharing import can_share
from odograph.run.vectors import kept_states, summed_moments

OPTIONS: dict[str, Any] = {
    "targets": ["her", "him", "the round stone"],
    "variants": True,
    "measures": ["straightness", "update_cosine", "mlp_cosine", "block_distance"],
    "logits": "full",
    "vectors": 50,
    "parts": 40,
}


def measured(model: Path, out: Path, share: bool, **options: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        if not share:
            patch.setattr(execute, "can_share", lambda *_: False)
        return odograph.measure(model, list(TEXTS), out=out, **{**OPTIONS, **options})


def numbers(run: Any, table: str) -> dict[str, np.ndarray]:
    found = run.sql(f"select * from {table} order by all").fetchnumpy()
    return {
        name: np.ma.filled(values.astype(float), np.nan)
        for name, values in found.items()
        if values.dtype.kind in "fi"
    }


@pytest.mark.parametrize("model", ["gpt2", "llama", "stories"])
@pytest.mark.parametrize("select", ["all", "targets"])
def test_shared_beginnings_change_no_number(
    model: str, select: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(f"{model}_folder")
    shared, alone = (
        measured(folder, tmp_path / str(share), share, select=select) for share in (True, False)
    )
    for table in ("tokens", "layers", "spans"):
        ours, theirs = numbers(shared, table), numbers(alone, table)
        assert ours.keys() == theirs.keys()
        for name, values in ours.items():
            # An angle of x degrees is known to the states' rounding over the angle.
            assert np.allclose(values, theirs[name], rtol=2e-5, atol=2e-3, equal_nan=True), name
    for name, total in summed_moments(shared.folder).items():
        assert np.allclose(total, summed_moments(alone.folder)[name], atol=1e-3), name
    for view in ("stream", "lens"):
        for one, other in zip(
            kept_states(shared.folder, view), kept_states(alone.folder, view), strict=True
        ):
            assert np.array_equal(one.passage, other.passage)
            assert np.allclose(one.values, other.values, rtol=1e-4, atol=1e-5)


def test_three_variants_cost_little_more_than_one(gpt2_folder: Path, tmp_path: Path) -> None:
    """Tokens that the trunk reads, padding included, where only targets are measured."""
    read: list[int] = []

    def counted(self: Batch, *given: Any) -> dict[str, torch.Tensor]:
        read.append(self.rows)
        return inputs(self, *given)

    inputs = Batch.inputs
    words = ["her", "him", "us"]
    counts = []
    for number, targets in enumerate((words, ["her"])):
        read.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Batch, "inputs", counted)
            odograph.measure(
                gpt2_folder,
                [
                    f"{'Old men and old women walked down to the river. ' * 4}They saw her."
                    for _ in "ab"
                ]
                + ["In the evening, when all the lamps of the town were lit, a man came for her."],
                targets=targets,
                variants=len(targets) > 1,
                select="targets",
                out=tmp_path / str(number),
            )
        counts.append(read[-1])
    three, one = counts
    assert three <= 1.25 * one


def test_padding_and_other_branches_are_not_seen() -> None:
    line = join([np.array([5, 6, 7]), np.array([5, 6, 8, 9])], (0, 1))
    assert line.ids.tolist() == [5, 6, 7, 8, 9]
    assert line.position.tolist() == [0, 1, 2, 2, 3]
    assert [places.tolist() for places in line.places] == [[0, 1, 2], [0, 1, 3, 4]]
    mask = Batch((line,)).inputs(dissect(build_gpt2()), "cpu")["attention_mask"][0, 0] == 0
    assert mask[3].tolist() == [True, True, False, True, False]
    assert mask[2].tolist() == [True, True, True, False, False]


def encoded(*passages: Sequence[int], ids: Sequence[str] = ()) -> list[Encoded]:
    """Passages of token ids that are variants of one text."""
    found = []
    for number, tokens in enumerate(passages):
        n = len(tokens)
        name = ids[number] if ids else f"t#v{number + 1}"
        nothing = np.zeros(n, np.int32)
        found.append(
            Encoded(
                passage=number,
                passage_id=name,
                token_id=np.array(tokens, np.int32),
                token=("x",) * n,
                start=nothing,
                end=nothing,
                word=nothing - 1,
                piece_count=nothing,
                role=nothing.astype(np.int8),
                group=(None,) * n,
                occurrence=nothing - 1,
                next_id=nothing - 1,
                row=np.ones(n, bool),
                base="t",
            )
        )
    return found


TWO = [[5, 6, 7, 8, 9, 10, 11, 12], [5, 6, 7, 8, 20, 21, 22]]


@pytest.mark.parametrize("build", [build_gpt2, build_llama])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_what_a_model_makes_of_a_shared_beginning_is_tried_out(build: Any, dtype: str) -> None:
    anatomy = dissect(build().to(getattr(torch, dtype)))
    assert can_share(anatomy, encoded(*TWO), 1024, "cpu")
    with pytest.MonkeyPatch.context() as patch:
        # A model that does not look at the positions it is given must not pass.
        patch.setattr(Batch, "inputs", _without_positions)
        assert not can_share(anatomy, encoded(*TWO), 1024, "cpu")


_INPUTS = Batch.inputs


def _without_positions(self: Batch, *given: Any) -> dict[str, torch.Tensor]:
    return {name: v for name, v in _INPUTS(self, *given).items() if name != "position_ids"}


def test_a_line_beyond_what_a_token_sees_is_not_shared() -> None:
    model = build_llama()
    for name in ("sliding_window", "window_size", "attention_chunk_size"):
        anatomy = dissect(model)
        setattr(model.config, name, 11)  # tokens of the line of both
        assert can_share(anatomy, encoded(*TWO), 1024, "cpu")
        setattr(model.config, name, 10)
        assert not can_share(anatomy, encoded(*TWO), 1024, "cpu")
        setattr(model.config, name, None)


def test_a_model_that_cannot_read_such_a_mask_runs_passages_alone() -> None:
    """Falcon with ALiBi makes its own biases of a mask of two dimensions."""
    from tiny import checked, scatter
    from transformers import FalconConfig, FalconForCausalLM

    config = checked(
        FalconConfig,
        vocab_size=60,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        alibi=True,
    )
    anatomy = dissect(scatter(FalconForCausalLM(config), seed=5))
    assert not can_share(anatomy, encoded(*TWO), 1024, "cpu")


def test_places_counted_in_the_line_are_found_out() -> None:
    """GPT-Neo's local attention counts places of the line, whatever positions it is given."""
    from tiny import checked, scatter
    from transformers import GPTNeoConfig, GPTNeoForCausalLM

    config = checked(
        GPTNeoConfig,
        vocab_size=60,
        hidden_size=16,
        num_layers=2,
        num_heads=2,
        attention_types=[[["global", "local"], 1]],
        window_size=8,
        max_position_embeddings=64,
    )
    model = scatter(GPTNeoForCausalLM(config), seed=6)
    anatomy = dissect(model)
    assert not can_share(anatomy, encoded(*TWO), 1024, "cpu")
    assert can_share(anatomy, encoded([5, 6, 7, 8], [5, 6, 9, 10]), 1024, "cpu")
    model.config.window_size = 64  # says nothing true: what the model does decides
    assert not can_share(anatomy, encoded(*TWO), 1024, "cpu")


def test_nothing_is_shared_where_nothing_begins_alike() -> None:
    assert not can_share(dissect(build_gpt2()), encoded([1, 2, 3], [2, 2, 3]), 1024, "cpu")
    assert not can_share(dissect(build_gpt2()), encoded(*TWO), 10, "cpu")


def lines_of(passages: Sequence[Encoded], budget: int) -> list[tuple[int, ...]]:
    made = make_batches(passages, budget, share=True)
    return sorted(line.numbers for batch in made for line in batch.lines)


def test_a_line_holds_as_many_variants_as_the_budget_has_room_for() -> None:
    """Attention costs the square of the line: many long variants are not one line."""
    variants = encoded(*([1, 2, 3, number, 5, 6] for number in range(10, 15)))
    assert lines_of(variants, 100) == [(0, 1, 2, 3, 4)]
    assert lines_of(variants, 9) == [(0, 1), (2, 3), (4,)]
    assert lines_of(variants, 3) == [(0,), (1,), (2,), (3,), (4,)]


def test_a_line_that_memory_cannot_hold_runs_as_shorter_ones() -> None:
    variants = encoded(*([1, 2, 3, number, 5, 6] for number in range(10, 15)))
    budget, ran = Budget(100), []

    def fits_nine(batch: Batch) -> None:
        if batch.rows > 9:
            raise MemoryError
        for number, places in zip(batch.numbers, batch.places, strict=True):
            (line,) = batch.lines
            assert line.ids[places].tolist() == variants[number].token_id.tolist()
        ran.append(batch.numbers)

    list(budget.run(make_batches(variants, budget.tokens, share=True), fits_nine))
    assert ran == [(0, 1), (2,), (3, 4)]


def test_windows_of_one_text_are_not_variants_of_each_other() -> None:
    ids = ("t#v1", "t#v1#w2", "t#v2", "t#v2#w2")
    tokens = ([0, 1, 2, 3], [0, 4, 5, 6], [0, 1, 9, 3], [0, 4, 5, 7])
    assert lines_of(encoded(*tokens, ids=ids), 100) == [(0, 2), (1, 3)]


def test_variants_of_one_text_are_no_pair_of_different_passages(
    gpt2_folder: Path, measured: Callable[..., Any]
) -> None:
    """What they begin with is the same token in the same state: an angle of 0."""
    run = measured(gpt2_folder, TEXTS, targets=["her", "him"], variants=True, pairs=600)
    found = run.sql("""
        with one as (select distinct passage, document from tokens)
        select count(*) filter (where a.document = b.document), count(*), min(angle)
        from pairs p join one a on p.passage = a.passage
        join one b on p.other_passage = b.passage where "null" = 'same-layer'""").fetchall()
    assert found[0][0] == 0
    assert found[0][1] > 1000
    assert found[0][2] > 0.1
