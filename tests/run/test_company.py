"""What a run keeps of a token depends on nothing but its text: not on batches, shards, company."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import TEXTS

from odograph.folder.vectors import kept_parts, kept_states, summed_moments

Measured = Callable[..., Any]
LAGS = ("neighbour_angle", "neighbour_angle_2", "neighbour_angle_4", "neighbour_angle_8")
PARTS = ("attention_step", "mlp_step", "update_cosine", "attention_cosine", "mlp_cosine")
#: Every observer at once.
ALL: dict[str, Any] = {
    "measures": [*LAGS, "token_bend", *PARTS, "block_distance", "straightness"],
    "targets": ["her"],
    "vectors": 100,
    "parts": 30,
    "pairs": 4,
}
CUTS = (
    {"batch_tokens": 1},
    {"batch_tokens": 40},
    {"batch_tokens": 100_000},
    {"shard_tokens": 1},
    {"shard_tokens": 60, "batch_tokens": 30},
)


def values(run: Any, query: str) -> dict[str, np.ndarray]:
    """The numbers of a query by column, NaN for null."""
    found = run.sql(query).fetchnumpy()
    return {
        name: np.ma.filled(column.astype(float), np.nan)
        for name, column in found.items()
        if column.dtype.kind in "fi"
    }


def assert_alike(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    assert ours.keys() == theirs.keys()
    for name, column in ours.items():
        # Angles near 0 and 180 degrees magnify the rounding of states.
        np.testing.assert_allclose(column, theirs[name], rtol=3e-5, atol=2e-3, err_msg=name)


def assert_turns_as_promised(ours: np.ndarray, theirs: np.ndarray) -> None:
    """In degrees; docs/promises.md says it."""
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)


def vectors(run: Any) -> dict[str, np.ndarray]:
    """All kept vectors, shards put together, with the places of their tokens."""
    found: dict[str, list[np.ndarray]] = {}
    for name in ("stream", "lens", "attention", "mlp"):
        read = kept_states if name in ("stream", "lens") else kept_parts
        for one in read(run, name):
            place = np.stack([one.passage, one.position], axis=1)
            found.setdefault(name, []).append(one.values)
            found.setdefault(f"{name}_place", []).append(place)
    return {name: np.concatenate(each) for name, each in found.items()}


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Folder of the model, and one run in one shard."""
    import odograph

    folder = request.getfixturevalue(f"{request.param}_folder")
    out = tmp_path_factory.mktemp("whole") / "run"
    with odograph.measure(folder, list(TEXTS), out=out, **ALL) as run:
        yield folder, run


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_batches_and_shards_change_no_number(
    whole: Any, cut: dict[str, int], measured: Measured
) -> None:
    folder, run = whole
    other = measured(folder, **ALL, **cut)
    for table in ("layers", "tokens", "spans"):
        query = f"select * from {table} order by all"
        assert_alike(values(other, query), values(run, query))
    turns = [values(each, "select rotation from layers order by all") for each in (other, run)]
    assert_turns_as_promised(*(found["rotation"] for found in turns))
    assert_alike(vectors(other), vectors(run))
    ours, theirs = summed_moments(other), summed_moments(run)
    assert ours.keys() == theirs.keys() > {"attention_sum", "mlp_sum", "part_count"}
    for name, total in ours.items():
        np.testing.assert_allclose(total, theirs[name], rtol=1e-5, atol=1e-4, err_msg=name)


def test_company_changes_no_number(whole: Any, measured: Measured) -> None:
    folder, run = whole
    more = (" ".join(TEXTS)[:350], *TEXTS, *(text.upper() for text in TEXTS))
    other = measured(folder, more, **ALL, batch_tokens=300)
    for table in ("layers", "spans"):
        columns = "* replace (passage - 1 as passage)"
        query = f"select {columns} from {table} where passage between 1 and {len(TEXTS)}"
        ours = values(other, f"{query} order by all")
        assert_alike(ours, values(run, f"select * from {table} order by all"))
    ours = {
        (int(passage) - 1, int(position)): state
        for one in kept_states(other)
        for passage, position, state in zip(one.passage, one.position, one.values, strict=True)
    }
    (kept,) = kept_states(run)
    for passage, position, state in zip(kept.passage, kept.position, kept.values, strict=True):
        np.testing.assert_allclose(ours[passage, position], state, rtol=1e-4, atol=1e-4)


def test_moments_are_those_of_the_rows_that_count(whole: Any) -> None:
    _, run = whole
    moments = summed_moments(run)
    ((tokens,),) = run.sql("select count(*) from tokens where position > 0").fetchall()
    assert moments["part_count"].tolist() == [tokens]
    assert moments["direction_count"].tolist() == [tokens] * (run.blocks + 1)


@pytest.mark.parametrize("convention", ["stream", "hf", "lens"])
def test_kept_vectors_are_raw_states_whatever_the_convention(
    whole: Any, convention: str, measured: Measured
) -> None:
    folder, run = whole
    other = measured(folder, **ALL, convention=convention)
    assert_alike(vectors(other), vectors(run))
    (one,) = kept_states(other, "lens" if convention == "lens" else "stream")
    norms = values(
        other,
        "select norm from layers join tokens using (passage, position) where role = 'target' "
        "and position > 0 order by passage, position, layer",
    )["norm"].reshape(-1, other.blocks + 1)
    last = None if convention != "hf" else -1  # there N(x_L), which is no raw state
    lengths = np.linalg.norm(one.values, axis=-1)
    np.testing.assert_allclose(lengths[:, :last], norms[:, :last], rtol=1e-5)


def test_only_passages_of_one_token_give_empty_tables(
    gpt2_folder: Path, measured: Measured
) -> None:
    run = measured(gpt2_folder, [[5], [6], [7]], **(ALL | {"targets": []}), shard_tokens=2)
    assert run.sql("select count(*) from spans").fetchall() == [(0,)]
    empty = run.sql("select count(neighbour_angle), count(token_bend), count(*) from layers")
    assert empty.fetchall() == [(0, 0, 3 * (run.blocks + 1))]
    assert [len(one.passage) for one in kept_states(run)] == [0, 0]
    assert [one.values.shape[1:] for one in kept_parts(run, "mlp")] == [(4, 48)] * 2
    assert summed_moments(run)["part_count"] == 0


def test_targets_only_keeps_the_vectors_of_all(whole: Any, measured: Measured) -> None:
    folder, run = whole
    chosen = measured(folder, **ALL, select="targets")
    # Passages without a target are not read, so that the others have other numbers.
    ours, theirs = vectors(chosen), vectors(run)
    assert_alike(*({name: found[name] for name in ("stream", "lens")} for found in (ours, theirs)))
    assert np.array_equal(ours["stream_place"][:, 1], theirs["stream_place"][:, 1])


def test_the_first_position_counts_if_it_is_kept(gpt2_folder: Path, measured: Measured) -> None:
    for keep, least in ((False, 1), (True, 0)):
        run = measured(
            gpt2_folder, ["her horse ran.", "We saw her.", "her"], **(ALL | {"keep_first": keep})
        )
        (kept,) = kept_states(run)
        targets = run.sql(
            f"select passage, position from tokens where role = 'target' and position >= {least} "
            "order by all"
        ).fetchall()
        assert targets == list(zip(kept.passage.tolist(), kept.position.tolist(), strict=True))
        counted = run.sql(
            f"select count(*), max(position) + 1 - {least} from tokens where position >= {least}"
        ).fetchall()
        ((longest,),) = run.sql("select max(tokens) from spans").fetchall()
        assert [(int(summed_moments(run)["part_count"][0]), longest)] == counted


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """From the second block on no pass of more than `rows` tokens fits; those are counted."""
    import torch

    from odograph.run.observers import Observers

    state: dict[str, Any] = {"rows": 10**9, "failed": 0, "error": torch.OutOfMemoryError}
    measure = Observers.measure

    def block(module: Any, args: Any, kwargs: Any) -> None:
        given = args[0] if args else kwargs["hidden_states"]
        if given.shape[0] * given.shape[1] > state["rows"]:
            state["failed"] += 1
            raise state["error"]("CUDA out of memory. Tried to allocate too much.")

    def hooked(observers: Any, batch: Any) -> Any:
        anatomy = observers._loaded.anatomy
        handle = anatomy.blocks[1].register_forward_pre_hook(block, with_kwargs=True)
        try:
            return measure(observers, batch)
        finally:
            handle.remove()

    monkeypatch.setattr(Observers, "measure", hooked)
    return state


@pytest.mark.parametrize("error", ["OutOfMemoryError", "MemoryError", "RuntimeError"])
def test_memory_that_runs_out_changes_no_number(
    whole: Any, error: str, little_memory: dict[str, Any], measured: Measured
) -> None:
    """Batches run in halves; what the failed pass had seen of the states is counted once only."""
    import builtins

    import torch

    folder, run = whole
    kind = getattr(torch, error, None) or getattr(builtins, error)
    little_memory |= {"rows": 90, "error": kind}
    other = measured(folder, **ALL, batch_tokens=400)
    assert 1 <= little_memory["failed"] <= 4, "once it has failed, batches stay small"
    for table in ("layers", "tokens", "spans"):
        query = f"select * from {table} order by all"
        assert_alike(values(other, query), values(run, query))
    assert_alike(vectors(other), vectors(run))
    ours, theirs = summed_moments(other), summed_moments(run)
    for name, total in ours.items():
        np.testing.assert_allclose(total, theirs[name], rtol=1e-5, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(("late", "call"), [("DrawnStates", 1), ("DrawnStates", 4), ("Spans", 1)])
def test_memory_that_runs_out_after_the_pass_changes_no_sum(
    whole: Any, late: str, call: int, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    """What a batch leaves is kept by one observer after the other; any may be the one to fail."""
    from odograph.run import observers

    folder, run = whole
    kind = getattr(observers, late)
    commit, calls = kind.commit, []

    def failing(observer: Any) -> None:
        calls.append(observer)
        if len(calls) == call:  # of DrawnStates there are four a batch
            raise MemoryError
        commit(observer)

    monkeypatch.setattr(kind, "commit", failing)
    other = measured(folder, **ALL, batch_tokens=400)
    assert len(calls) > call
    ours, theirs = summed_moments(other), summed_moments(run)
    for name, total in ours.items():
        np.testing.assert_allclose(total, theirs[name], rtol=1e-5, atol=1e-4, err_msg=name)
    query = "select * from spans order by all"
    assert_alike(values(other, query), values(run, query))
    assert_alike(vectors(other), vectors(run))


def test_memory_that_runs_out_in_counting_sums_nothing_twice(
    whole: Any, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    from odograph.run import observers

    folder, run = whole
    times, calls = observers.DirectionSum._times, []

    def failing(observer: Any, squares: torch.Tensor) -> torch.Tensor:
        if squares.ndim == 2:  # of all layers, once a batch
            calls.append(observer)
        if squares.ndim == 2 and len(calls) == 2:
            raise MemoryError
        return times(observer, squares)

    monkeypatch.setattr(observers.DirectionSum, "_times", failing)
    other = measured(folder, **ALL, batch_tokens=400)
    assert len(calls) > 3
    ours, theirs = summed_moments(other), summed_moments(run)
    for name, total in ours.items():
        np.testing.assert_allclose(total, theirs[name], rtol=1e-5, atol=1e-4, err_msg=name)
    query = "select * from spans order by all"
    assert_alike(values(other, query), values(run, query))


def test_a_passage_that_does_not_fit_alone_is_named(
    gpt2_folder: Path, little_memory: dict[str, Any], tmp_path: Path
) -> None:
    import odograph
    from odograph.errors import RunError

    little_memory["rows"] = 5
    with pytest.raises(RunError, match=r"out of memory on one passage of \d+ tokens"):
        odograph.measure(gpt2_folder, list(TEXTS), out=tmp_path / "run")


def test_another_error_is_not_taken_for_it(
    gpt2_folder: Path, little_memory: dict[str, Any], tmp_path: Path
) -> None:
    import odograph

    class BrokenError(RuntimeError):
        def __init__(self, _: str) -> None:
            super().__init__("mat1 and mat2 shapes cannot be multiplied")

    little_memory |= {"rows": 5, "error": BrokenError}
    with pytest.raises(BrokenError):
        odograph.measure(gpt2_folder, list(TEXTS), out=tmp_path / "run")
    assert little_memory["failed"] == 1


def test_the_budget_is_what_fits_half_of_the_free_memory(
    gpt2_folder: Path, monkeypatch: pytest.MonkeyPatch, measured: Measured
) -> None:
    from odograph.models.loading import load
    from odograph.run import budget
    from odograph.run.config import RunConfig

    loaded, config = load(gpt2_folder), RunConfig()
    assert budget.free_bytes("cpu") > 0
    assert budget.usual_tokens(config, loaded) == 512
    each = budget.bytes_a_token(loaded)
    assert each == 4 * (3 * 192 + 12 * 48)
    monkeypatch.setattr(budget, "free_bytes", lambda _: 200 * each)
    assert budget.usual_tokens(config, loaded) == 100
    assert budget.usual_tokens(RunConfig(workers=4), loaded) == 25
    assert budget.usual_tokens(RunConfig(batch_tokens=300), loaded) == 300
    monkeypatch.setattr(budget, "free_bytes", lambda _: 0)
    assert budget.usual_tokens(config, loaded) == 1
    assert measured(gpt2_folder).manifest["complete"]


def test_written_scores_are_those_of_a_batch_not_of_the_longest_text(gpt2_folder: Path) -> None:
    from dataclasses import replace

    from odograph.models.loading import load
    from odograph.run.budget import bytes_a_token

    loaded = load(gpt2_folder)
    eager = replace(loaded, kernel="eager")
    heads = loaded.anatomy.config.num_attention_heads
    for positions, seen in ((64, 64), (131_072, 512), (None, 512)):
        one = replace(eager, anatomy=replace(loaded.anatomy, positions=positions))
        assert bytes_a_token(one) == bytes_a_token(loaded) + 4 * 2 * heads * seen


@pytest.mark.parametrize(
    "said", ["CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "mat1"]
)
def test_want_of_memory_is_known_by_what_is_said(said: str) -> None:
    from odograph.errors import is_out_of_memory

    assert is_out_of_memory(RuntimeError(said)) is ("ALLOC" in said)


def test_packed_weights_do_not_look_like_wide_layers(llama_folder: Path) -> None:
    """Four bits a weight are kept as one long column of bytes."""
    import torch

    from odograph.models.loading import load
    from odograph.run import budget

    loaded = load(llama_folder)
    wanted = budget.bytes_a_token(loaded)
    for module in loaded.anatomy.blocks[0].modules():
        if isinstance(module, torch.nn.Linear):
            bits = torch.zeros(module.weight.numel() // 2, 1, dtype=torch.uint8)
            module.weight = torch.nn.Parameter(bits, requires_grad=False)
    assert budget.bytes_a_token(loaded) == wanted


def test_a_container_may_leave_less_than_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from odograph.run import budget

    monkeypatch.setattr("odograph.models.free_memory._CGROUP", tmp_path)
    free = budget.free_bytes("cpu")
    assert free is not None
    assert free > 1000
    (tmp_path / "memory.current").write_text("5000\n")
    # Files that were read count as taken, and can be let go.
    (tmp_path / "memory.stat").write_text("anon 4700\nactive_file 100\ninactive_file 200\n")
    for most, wanted in (("max\n", None), ("6000\n", 1300), ("4000\n", 0)):
        (tmp_path / "memory.max").write_text(most)
        found = budget.free_bytes("cpu")
        assert found is not None
        assert found == wanted if wanted is not None else found > 1000


def test_a_batch_is_closed_before_its_padding_costs_more_than_another() -> None:
    from odograph.run.shards import cut_into_batches

    lengths = [9, 40, 10, 10, 38, 1, 39]
    assert cut_into_batches(lengths, 1000, 10**6) == ((1, 6, 4, 2, 3, 0, 5),)
    assert cut_into_batches(lengths, 1000, 3) == ((1, 6, 4), (2, 3, 0), (5,))
    assert cut_into_batches(lengths, 80, 3) == ((1, 6), (4,), (2, 3, 0), (5,))
    assert cut_into_batches(lengths, 1, 32) == ((1,), (6,), (4,), (2,), (3,), (0,), (5,))
