"""Variants of one text run their common beginning once, and get what each gets alone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import TEXTS, build_gpt2, build_llama

import odograph
from odograph.corpus.encoded import Encoded, Entries
from odograph.folder.vectors import kept_states, summed_moments
from odograph.models.anatomy import Anatomy
from odograph.models.probe import dissect
from odograph.run import execute
from odograph.run.batches import Batch, join, make_batches
from odograph.run.budget import Budget
from odograph.run.sharing import NotAlikeError, Trial, Tried, can_share, shared_batches

LATE = "In the evening, when all the lamps of the town were lit, a man came for her."
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
            patch.setattr(execute, "can_share", lambda _: False)
        return odograph.measure(model, [*TEXTS, LATE], out=out, **{**OPTIONS, **options})


def numbers(run: Any, table: str) -> dict[str, np.ndarray]:
    found = run.sql(f"select * from {table} order by all").fetchnumpy()
    return {
        name: np.ma.filled(values.astype(float), np.nan)
        for name, values in found.items()
        if values.dtype.kind in "fi"
    }


@contextmanager
def counting(read: list[int]) -> Iterator[None]:
    """Tokens of every batch that is read, padding and trials included."""

    def counted(self: Batch, *given: Any) -> dict[str, torch.Tensor]:
        read.append(self.rows)
        return inputs(self, *given)

    inputs = Batch.inputs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "inputs", counted)
        yield


@pytest.mark.parametrize("model", ["gpt2", "llama", "stories"])
@pytest.mark.parametrize("select", ["all", "targets"])
def test_shared_beginnings_change_no_number(
    model: str, select: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(f"{model}_folder")
    read: dict[bool, list[int]] = {True: [], False: []}
    with counting(read[True]):
        shared = measured(folder, tmp_path / "shared", True, select=select)
    with counting(read[False]):
        alone = measured(folder, tmp_path / "alone", False, select=select)
    assert sum(read[True]) < sum(read[False])
    for table in ("tokens", "layers", "spans"):
        ours, theirs = numbers(shared, table), numbers(alone, table)
        assert ours.keys() == theirs.keys()
        for name, values in ours.items():
            # An angle of x degrees is known to the states' rounding over the angle.
            assert np.allclose(values, theirs[name], rtol=2e-5, atol=2e-3, equal_nan=True), name
    for name, total in summed_moments(shared).items():
        assert np.allclose(total, summed_moments(alone)[name], atol=1e-3), name
    for view in ("stream", "lens"):
        for one, other in zip(kept_states(shared, view), kept_states(alone, view), strict=True):
            assert np.array_equal(one.passage, other.passage)
            assert np.allclose(one.values, other.values, rtol=1e-4, atol=1e-5)


def test_three_variants_cost_little_more_than_one(gpt2_folder: Path, tmp_path: Path) -> None:
    """Tokens that the trunk reads, padding and trial included, where only targets are measured."""
    words = ["her", "him", "us"]
    counts = []
    for number, targets in enumerate((words, ["her"])):
        read: list[int] = []
        with counting(read):
            odograph.measure(
                gpt2_folder,
                [
                    f"{n} old men {'and old women walked to a river ' * 4}with her."
                    for n in range(12)
                ]
                + [LATE],
                targets=targets,
                variants=len(targets) > 1,
                select="targets",
                out=tmp_path / str(number),
            )
        counts.append(sum(read))
    three, one = counts
    assert one < three <= 1.25 * one


def test_padding_and_other_branches_are_not_seen() -> None:
    line = join([np.array([5, 6, 7]), np.array([5, 6, 8, 9])], (0, 1))
    assert line.ids.tolist() == [5, 6, 7, 8, 9]
    assert line.position.tolist() == [0, 1, 2, 2, 3]
    assert [places.tolist() for places in line.places] == [[0, 1, 2], [0, 1, 3, 4]]
    mask = Batch((line,)).inputs(dissect(build_gpt2()), "cpu")["attention_mask"][0, 0] == 0
    assert mask[3].tolist() == [True, True, False, True, False]
    assert mask[2].tolist() == [True, True, True, False, False]


def encoded(*passages: Sequence[int], ids: Sequence[str] = (), base: str = "t") -> list[Encoded]:
    """Passages of token ids that are variants of one text."""
    found = []
    for number, tokens in enumerate(passages):
        n = len(tokens)
        name = ids[number] if ids else f"{base}#v{number + 1}"
        nothing = np.zeros(n, np.int32)
        found.append(
            Encoded(
                Entries(
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
                    base=base,
                )
            )
        )
    return found


TWO = [[5, 6, 7, 8, 9, 10, 11, 12], [5, 6, 7, 8, 20, 21, 22]]


def texts_of(*variants: Sequence[int], texts: str = "abcd") -> list[Encoded]:
    """Some texts, each with these variants; four are enough for a trial to pay."""
    return [passage for base in texts for passage in encoded(*variants, base=base)]


def states_of(anatomy: Anatomy, batch: Batch) -> torch.Tensor:
    with torch.inference_mode():
        states: torch.Tensor = anatomy.trunk(**batch.inputs(anatomy, "cpu"), use_cache=False)[0]
    return states.flatten(0, 1)


def alike(anatomy: Anatomy, *variants: Sequence[int]) -> bool:
    """Whether a trial finds the states of the longest line's last passage to be those alone."""
    assert can_share(anatomy)
    batch, *_ = shared_batches(anatomy, texts_of(*variants), Budget(1024))
    try:
        Trial(anatomy, "cpu", Tried()).run(batch, lambda given: ({}, states_of(anatomy, given)))
    except NotAlikeError:
        return False
    return True


@pytest.mark.parametrize("build", [build_gpt2, build_llama])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_what_a_model_makes_of_a_shared_beginning_is_tried_out(build: Any, dtype: str) -> None:
    assert alike(dissect(build().to(getattr(torch, dtype))), *TWO)


#: The last passage has few tokens of its own, many, none; two are the same.
LASTS = [
    [*TWO, [5, 6, 7, 8, 30]],
    [[*TWO[0], 30], [*TWO[0], 31], [*TWO[0], *range(32, 48)]],
    [*TWO, [5, 6, 7, 8]],
    [TWO[0], TWO[1], TWO[1]],
]


@pytest.mark.parametrize("variants", LASTS)
@pytest.mark.parametrize("forgotten", ["position_ids", "attention_mask"])
@pytest.mark.parametrize("build", [build_gpt2, build_llama])
def test_a_model_that_does_not_look_at_what_it_is_given_is_found_out(
    build: Any, forgotten: str, variants: Sequence[Sequence[int]]
) -> None:
    anatomy = dissect(build())
    assert alike(anatomy, *variants)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "inputs", without(forgotten))
        assert not alike(anatomy, *variants)


@pytest.mark.parametrize("variants", LASTS)
def test_a_model_that_mixes_neighbours_in_the_line_is_found_out(
    variants: Sequence[Sequence[int]],
) -> None:
    """As convolutions and recurrent layers do, whatever the mask."""

    def mixed(_: torch.nn.Module, given: Any) -> Any:
        before = torch.nn.functional.pad(given[0], (0, 0, 1, 0))[:, :-1]
        return given[0] + before / 2, *given[1:]

    anatomy = dissect(build_gpt2())
    anatomy.blocks[1].register_forward_pre_hook(mixed)
    assert not alike(anatomy, *variants)


def without(forgotten: str) -> Callable[..., dict[str, torch.Tensor]]:
    given = Batch.inputs
    return lambda *args: {name: v for name, v in given(*args).items() if name != forgotten}


@pytest.mark.parametrize("forgotten", ["position_ids", "attention_mask"])
@pytest.mark.parametrize("shard_tokens", [1000, 60])
def test_a_shard_that_was_found_out_is_measured_anew_one_by_one(
    gpt2_folder: Path, tmp_path: Path, forgotten: str, shard_tokens: int
) -> None:
    size: Any = {"shard_tokens": shard_tokens}
    alone = measured(gpt2_folder, tmp_path / "alone", share=False, **size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "inputs", without(forgotten))
        found_out = measured(gpt2_folder, tmp_path / "found out", share=True, **size)
    for table in ("tokens", "layers", "spans", "pairs"):
        ours, theirs = numbers(found_out, table), numbers(alone, table)
        for name, values in ours.items():
            assert np.array_equal(values, theirs[name], equal_nan=True), name
    for name, total in summed_moments(found_out).items():
        assert torch.equal(torch.as_tensor(total), torch.as_tensor(summed_moments(alone)[name]))


def test_only_a_line_longer_than_those_before_is_tried() -> None:
    anatomy, tried = dissect(build_gpt2()), Tried()
    reads = []
    longer = [[*own, *range(40, 45)] for own in TWO]
    with counting(reads):
        for variants in (TWO, TWO, longer, TWO):
            batch, *_ = shared_batches(anatomy, texts_of(*variants), Budget(1024))
            trial = Trial(anatomy, "cpu", tried)
            trial.run(batch, lambda given: ({}, states_of(anatomy, given)))
    assert reads == [44, 7, 44, 84, 12, 44]
    assert tried == Tried(passed=21)


def test_a_line_that_failed_keeps_no_shorter_one_from_being_tried() -> None:
    """So that what is shared in a shard does not hang on which shards a process had before."""
    anatomy, tried = dissect(build_gpt2()), Tried()
    texts = texts_of(*([*own, *range(40, 45)] for own in TWO))
    batch, *_ = shared_batches(anatomy, texts, Budget(1024))
    with pytest.raises(NotAlikeError):
        Trial(anatomy, "cpu", tried).run(batch, lambda given: ({}, torch.zeros(given.rows, 32)))
    assert tried == Tried(failed=21)
    assert shared_batches(anatomy, texts, Budget(1024), tried.failed) == ()
    assert shared_batches(anatomy, texts_of(*TWO), Budget(1024), tried.failed) != ()


def test_memory_that_runs_out_in_a_trial_says_nothing_about_the_model() -> None:
    anatomy, budget = dissect(build_gpt2()), Budget(1024)
    trial, sizes = Trial(anatomy, "cpu", Tried()), []

    def measure(batch: Batch) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        sizes.append(batch.rows)
        if batch.rows > 30:
            raise MemoryError
        return {}, states_of(anatomy, batch)

    batches = shared_batches(anatomy, texts_of(*TWO), budget)
    done = [batch.numbers for batch, _ in budget.run(batches, lambda b: trial.run(b, measure))]
    assert sorted(n for numbers in done for n in numbers) == list(range(8))
    assert sizes == [44, 22, 22]


def test_a_trial_is_not_made_where_it_costs_more_than_it_saves() -> None:
    anatomy = dissect(build_gpt2())
    assert not shared_batches(anatomy, texts_of(*TWO, texts="a"), Budget(1024))
    assert shared_batches(anatomy, texts_of(*TWO, texts="ab"), Budget(1024))


def test_a_line_in_which_all_stand_where_they_stand_alone_is_not_the_one_tried() -> None:
    """The longest line has one passage that goes on where the other ends."""
    anatomy = dissect(build_gpt2())
    start = [*range(5, 25)]
    passages = [*encoded(start, [*start, 30, 31], base="long"), *texts_of(*TWO)]
    batch, *_ = shared_batches(anatomy, passages, Budget(100))
    ran = []

    def measure(batch: Batch) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        ran.append([line.numbers for line in batch.lines])
        return {}, states_of(anatomy, batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "inputs", without("attention_mask"))
        with pytest.raises(NotAlikeError):
            Trial(anatomy, "cpu", Tried()).run(batch, measure)
    assert len(ran) == 1


def test_a_line_beyond_what_a_token_sees_is_not_shared() -> None:
    model = build_llama()
    for name in ("sliding_window", "window_size", "attention_chunk_size"):
        anatomy = dissect(model)
        setattr(model.config, name, 11)  # tokens of the line of both
        assert shared_batches(anatomy, texts_of(*TWO), Budget(1024))
        setattr(model.config, name, 10)
        assert not shared_batches(anatomy, texts_of(*TWO), Budget(1024))
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
    assert not alike(anatomy, *TWO)


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
    assert not shared_batches(anatomy, texts_of(*TWO), Budget(1024))
    assert alike(anatomy, [5, 6, 7, 8], [5, 6, 9, 10])
    model.config.window_size = 64  # says nothing true: what the model does decides
    assert not alike(anatomy, *TWO)


def test_nothing_is_shared_where_nothing_begins_alike() -> None:
    anatomy = dissect(build_gpt2())
    assert not shared_batches(anatomy, texts_of([1, 2, 3], [2, 2, 3]), Budget(1024))
    assert not shared_batches(anatomy, texts_of(*TWO), Budget(10))


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
