"""Dot products of rows: every way gives what float64 arithmetic over the whole gives."""

import sys
from importlib import import_module
from itertools import combinations_with_replacement
from shutil import which
from types import ModuleType

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import HealthCheck, given, settings

from odograph import products
from odograph.geometry import distance_from_products
from odograph.products import (
    chunked,
    in_one_pass,
    on_device,
    passes,
    row_gram,
    row_products,
    row_squares,
    way_of,
)

quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
DTYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]
WAYS = ["chunked", "fused", "on_device"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> ModuleType:
    """One after the other, whatever is installed."""
    if request.param == "fused":
        pytest.importorskip("numba", reason="numba cannot be imported")
    return import_module(f"odograph.products.{request.param}")


def rows(count: int, tokens: int, width: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(tokens * width)
    return [torch.randn(tokens, width, generator=generator) * 20**k for k in range(count)]


@pytest.mark.parametrize(("tokens", "width"), [(1, 1), (70, 3), (5, 2049), (1300, 64), (0, 7)])
def test_every_way_gives_what_float64_gives(way: ModuleType, tokens: int, width: int) -> None:
    arrays = rows(3, tokens, width)
    kept = [a.clone() for a in arrays]
    pairs = list(combinations_with_replacement(arrays, 2))
    found = way.gram(*arrays)
    assert len(found) == len(pairs)
    for one, (u, v) in zip(found, pairs, strict=True):
        assert one.dtype == torch.float64
        wanted = (u.double() * v.double()).sum(-1)
        scale = u.double().norm(dim=-1) * v.double().norm(dim=-1)
        assert ((one - wanted).abs() <= 1e-14 * scale).all()
    squares, chained = way.chained(*arrays[:2])
    torch.testing.assert_close(squares, found[0], rtol=1e-14, atol=0)
    torch.testing.assert_close(chained, found[1], rtol=1e-12, atol=1e-10)
    assert all(torch.equal(a, b) for a, b in zip(arrays, kept, strict=True)), "written over"


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize("threads", [1, 4])
def test_one_pass_takes_what_is_taken_of_a_block(count: int, threads: int) -> None:
    """Products, sums over the rows that count, and the state left in the place of the one before.

    One row is zero, one is not finite in the state and one in what attention adds.
    """
    pytest.importorskip("numba", reason="numba cannot be imported")
    state, previous, *parts = rows(2 + count, 2100, 70)
    state[3], state[5, 6] = 0, torch.nan
    for part in parts[:1]:
        part[7, 1] = torch.inf
    weights = (torch.arange(2100) % 3).float()
    gram, kept = chunked.gram(previous, *parts) if parts else (), state.clone()
    wanted = [*chunked.chained(state, previous), *gram[1:]]
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        room = passes(3, weights, 70, parts=bool(parts))
        assert room is not None
        squares = room.take(1, state, previous, tuple(parts))
    finally:
        torch.set_num_threads(before)
    found, sums = room.of(1)
    torch.testing.assert_close(squares, found[0], rtol=0, atol=0, equal_nan=True)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-9, equal_nan=True)
    assert sums.dtype == torch.float64
    assert sums.shape == (1 + count, 70)
    torch.testing.assert_close(sums[0], summed(unit(kept), weights), rtol=1e-6, atol=1e-4)
    for total, part in zip(sums[1:], parts, strict=True):
        torch.testing.assert_close(total, summed(part, weights), rtol=1e-5, atol=1e-2)
    assert torch.equal(previous.nan_to_num(9), kept.nan_to_num(9))
    assert torch.equal(state.nan_to_num(9), kept.nan_to_num(9))


def unit(rows: torch.Tensor) -> torch.Tensor:
    return rows.double() / rows.double().norm(dim=-1, keepdim=True)


def summed(rows: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The sum of the rows that are finite, each with its weight."""
    good = torch.isfinite(rows).all(dim=-1)
    return weights[good].double() @ rows[good].double()


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize(("coordinates", "centres"), [([4, 69], True), ([0], False), ([], True)])
def test_the_same_pass_reads_coordinates_and_states_about_their_means(
    coordinates: list[int], centres: bool, count: int, threads: int
) -> None:
    pytest.importorskip("numba", reason="numba cannot be imported")
    state, previous, *parts = rows(2 + count, 1300, 70)
    generator = torch.Generator().manual_seed(1)
    means = torch.randn(3, 70, generator=generator, dtype=torch.float64) if centres else None
    about = state.double() - means[2] if means is not None else state.double()
    before = previous.double() - means[1] if means is not None else previous.double()
    wanted = [(about * about).sum(-1), (about * before).sum(-1)] if centres else []
    used = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        room = passes(
            3,
            torch.ones(1300),
            70,
            parts=bool(parts),
            coordinates=torch.tensor(coordinates).long(),
            means=means,
        )
        assert room is not None
        room.take(2, state, previous, tuple(parts))
    finally:
        torch.set_num_threads(used)
    columns, centred = room.read(2)
    assert torch.equal(columns, state[:, coordinates].double().T)
    assert len(centred) == len(wanted)
    for one, other in zip(centred, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-9)
    assert len(room.of(2)[0]) == (7 if count else 2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("module", [chunked, on_device])
def test_states_about_their_means_are_multiplied_in_float64(
    module: ModuleType, dtype: torch.dtype
) -> None:
    state, previous = (one.to(dtype) for one in rows(2, 300, 300))
    means = torch.linspace(-3, 3, 600, dtype=torch.float64).reshape(2, 300)
    squares, products = module.centred(state, previous, means)
    about, before = state.double() - means[1], previous.double() - means[0]
    torch.testing.assert_close(squares, about.square().sum(-1), rtol=1e-14, atol=0)
    torch.testing.assert_close(products, (about * before).sum(-1), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("width", [64, 769, 1600])
def test_a_block_that_does_nothing_has_a_step_of_nothing(width: int) -> None:
    """Though the loops with and without parts sum the same squares in different orders."""
    pytest.importorskip("numba", reason="numba cannot be imported")
    state, attention = rows(2, 200, width)
    room = passes(4, torch.zeros(200), width, parts=True)
    assert room is not None
    for layer, parts in ((1, (attention, -attention)), (2, ()), (3, (attention, attention))):
        room.take(layer, state, state.clone(), parts)
    squares = [row_squares(state), *(room.of(layer)[0][0] for layer in (1, 2, 3))]
    for layer in (1, 2, 3):
        chained = room.of(layer)[0][1]
        steps = distance_from_products(squares[layer - 1], squares[layer], chained)
        assert not steps.any()


def test_what_no_compiled_loop_reaches_is_not_taken_in_one_pass() -> None:
    pytest.importorskip("numba", reason="numba cannot be imported")
    plain, other = rows(2, 4, 8)
    assert in_one_pass(plain, other)
    assert not in_one_pass(plain, other.bfloat16())
    assert not in_one_pass(plain.T, other)
    assert not in_one_pass(plain.double())


def test_equal_rows_have_equal_sums(way: ModuleType) -> None:
    """Otherwise a block that does nothing would have a step of some rounding."""
    state = rows(1, 200, 769)[0]
    squares, chained = way.chained(state, state.clone())
    assert torch.equal(squares, chained)
    assert torch.equal(squares, way.squares(state))


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_what_is_not_finite_stays_so_in_its_own_row(way: ModuleType, bad: float) -> None:
    state, previous = rows(2, 9, 40)
    state[4, 7] = bad
    squares, chained = way.chained(state, previous)
    good = torch.arange(9) != 4
    assert torch.isfinite(squares[good]).all()
    assert torch.isfinite(chained[good]).all()
    assert not torch.isfinite(squares[4])
    assert not torch.isfinite(chained[4])


@quick
@given(
    tokens=st.integers(1, 70),
    width=st.sampled_from([1, 3, 64, 700, 2049]),
    dtype=st.sampled_from(DTYPES),
)
def test_any_precision_is_widened_exactly(tokens: int, width: int, dtype: torch.dtype) -> None:
    state, previous = (r.to(dtype) for r in rows(2, tokens, width))
    squares, chained = row_products(state, previous)
    wide = state.double()
    torch.testing.assert_close(squares, wide.square().sum(-1), rtol=1e-13, atol=0)
    torch.testing.assert_close(chained, (wide * previous).sum(-1), rtol=1e-12, atol=1e-10)
    torch.testing.assert_close(row_squares(state), squares, rtol=1e-14, atol=0)


def test_chunks_of_every_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    state = torch.randn(101, 40, generator=torch.Generator().manual_seed(3))
    wanted = state.double().square().sum(-1)
    for budget in (1, 40 * 8 * 16, 40 * 8 * 17, 40 * 8 * 50, 40 * 8 * 101, 1 << 30):
        monkeypatch.setattr(chunked, "_CHUNK_BYTES", budget)
        for found in chunked.chained(state, state):
            torch.testing.assert_close(found, wanted, rtol=1e-14, atol=0)


def test_several_threads_give_bit_for_bit_what_one_gives() -> None:
    pytest.importorskip("numba", reason="numba cannot be imported")
    from odograph.products import fused

    state, previous = rows(2, 2100, 33)
    threads, found = torch.get_num_threads(), []
    try:
        for count in (1, 4):
            torch.set_num_threads(count)
            found.append(torch.stack(fused.chained(state, previous)))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(*found)


def test_rows_need_not_be_contiguous() -> None:
    wide = torch.randn(20, 60, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(
        row_squares(wide[::2, ::3]), wide[::2, ::3].double().square().sum(-1)
    )
    assert row_products(wide[:0], wide[:0])[0].shape == (0,)


def test_without_numba_numpy_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "odograph.products.fused", None)
    monkeypatch.delattr(products, "fused", raising=False)
    monkeypatch.setattr(products, "_fused", products._fused.__wrapped__)
    arrays = rows(3, 30, 8)
    found = row_gram(*arrays)
    assert way_of("cpu") == "numpy"
    assert passes(3, torch.ones(30), 8, parts=False) is None
    assert all(torch.equal(a, b) for a, b in zip(found, chunked.gram(*arrays), strict=True))


def test_the_way_is_said_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled loops take float32 alone; a kernel may turn out not to work on a GPU."""
    pytest.importorskip("numba", reason="numba cannot be imported")
    assert [way_of("cpu"), way_of("cpu", "bfloat16"), way_of("mps")] == ["numba", "numpy", "numba"]
    kernels = on_device.plain_chained, on_device.plain_gram, on_device.plain_centred
    monkeypatch.setattr(on_device, "_way", lambda _: kernels)
    assert way_of("cuda:1") == "torch"
    monkeypatch.setattr(on_device, "_way", lambda device: (device, device, device))
    assert way_of("cuda:1") == "torch, compiled"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, while it compiles
@pytest.mark.skipif(which("g++") is None, reason="compiling needs a C++ compiler here")
def test_the_compiled_kernels_of_a_gpu_are_right_on_a_cpu() -> None:
    arrays = rows(3, 33, 48)
    chained, gram, centred = on_device.compiled_ways()
    means = torch.linspace(-1, 1, 96, dtype=torch.float64).reshape(2, 48)
    for found, wanted in (
        (gram(*arrays), chunked.gram(*arrays)),
        (chained(*arrays[:2]), chunked.chained(*arrays[:2])),
        (centred(*arrays[:2], means), chunked.centred(*arrays[:2], means)),
    ):
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-9)
    again = gram(*(a[:20] for a in arrays))  # another length, the same kernel
    torch.testing.assert_close(again[3], arrays[1][:20].double().square().sum(-1))
