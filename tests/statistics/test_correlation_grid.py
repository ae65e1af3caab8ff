"""The whole grid of correlations: one text, few passages, many passages."""

from dataclasses import fields

import numpy as np
import pytest

from odograph.errors import StudyError
from odograph.statistics.coefficients import partial_spearman, pearson
from odograph.statistics.correlation import across_passages
from odograph.statistics.grid import CorrelationGrid, GridRow, GridTokens, correlation_grid


def material(passages, n, slope=0.5, seed=0):
    rng = np.random.default_rng(seed)
    size = passages * n
    position = np.tile(np.arange(n), passages)
    confident = rng.normal(size=size)
    step = slope * confident + rng.normal(size=size)
    logprob = np.where(position == n - 1, np.nan, confident)
    step = np.where(position == 0, step + 40, step)  # the sink is far out in every passage
    norm, frequency = rng.normal(size=(2, size))
    return (
        {"stream": step, "hf": step + rng.normal(size=size)},
        {
            "logit": logprob + rng.normal(size=size),
            "log-probability": logprob,
            "entropy": -logprob + rng.normal(size=size),
        },
        GridTokens(
            np.repeat(np.arange(passages), n),
            position,
            position == 0,
            {"log-frequency of the next token": frequency, "norm before the last block": norm},
        ),
    )


def row_of(grid, **wanted):
    (row,) = [r for r in grid.rows if all(getattr(r, k) == v for k, v in wanted.items())]
    return row


WANTED = {
    "convention": "stream",
    "confidence": "log-probability",
    "method": "spearman",
    "kind": "partial",
    "sinks": "without",
}


def test_one_text_gives_the_whole_grid_with_intervals_and_no_p_values():
    steps, confidences, tokens = material(1, 120)
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    assert isinstance(grid, CorrelationGrid)
    assert len(grid.rows) == 2 * 3 * 2 * 2 * 2
    assert grid.covariates == (
        "position",
        "log-frequency of the next token",
        "norm before the last block",
    )
    assert grid.family == 0
    assert {r.test for r in grid.rows} == {"none: descriptive, one text"}
    row = row_of(grid, **WANTED)
    kept = slice(1, 119)
    others = np.column_stack([tokens.position, *tokens.covariates.values()])[kept]
    expected = partial_spearman(steps["stream"][kept], confidences["log-probability"][kept], others)
    assert row.r == pytest.approx(expected, abs=1e-10)
    assert row.low < row.r < row.high
    assert (row.tokens, row.excluded, row.passages) == (118, 2, 1)
    assert row.block_length >= 5
    assert np.isnan([row.p, row.p_bh, row.p_max_t]).all()


def test_rows_with_sinks_show_what_the_sink_does():
    steps, confidences, tokens = material(1, 120)
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    row = row_of(grid, **WANTED | {"kind": "raw", "method": "pearson", "sinks": "with"})
    whole = slice(0, 119)
    expected = pearson(steps["stream"][whole], confidences["log-probability"][whole])
    assert row.r == pytest.approx(expected, abs=1e-10)
    assert (row.tokens, row.excluded) == (119, 1)


def test_many_passages_give_p_values_corrected_over_all_rows():
    steps, confidences, tokens = material(25, 30)
    grid = correlation_grid(steps, confidences, tokens, seed=1, permutations=400)
    assert {r.family for r in grid.rows} == {48} == {grid.family}
    row = row_of(grid, **WANTED)
    split = [np.flatnonzero(tokens.passage == p) for p in range(25)]
    calm = {name: np.where(tokens.sink, np.nan, values) for name, values in steps.items()}
    alone = across_passages(
        [calm["stream"][s] for s in split],
        [confidences["log-probability"][s] for s in split],
        [np.column_stack([tokens.position, *tokens.covariates.values()])[s] for s in split],
        method="spearman",
        seed=1,
        permutations=400,
    )
    assert row.r == pytest.approx(alone.r, abs=1e-10)
    assert (row.low, row.high) == pytest.approx((alone.interval.low, alone.interval.high))
    assert row.p == pytest.approx(alone.p)
    assert row.tokens == alone.tokens == 25 * 28
    assert row.p_max_t < 0.05
    assert row.p_bh >= row.p
    assert row.block_length == 0


def test_without_an_effect_the_grid_finds_none():
    grid = correlation_grid(*material(24, 30, slope=0.0, seed=2), seed=1, permutations=400)
    hits = [r for r in grid.rows if r.confidence != "none" and r.sinks == "without"]
    assert min(r.p_max_t for r in hits) > 0.05


def test_a_few_passages_give_intervals_over_passages_and_the_reason_for_no_p():
    grid = correlation_grid(*material(6, 30), seed=1)
    row = row_of(grid, **WANTED)
    assert row.low < row.r < row.high
    assert row.interval == "BCa bootstrap over passages of the mean Fisher z"
    assert grid.note == "no p-value: 6 usable passages, session permutation needs 20"


def test_short_passages_are_left_out_of_every_row():
    steps, confidences, tokens = material(7, 30)
    dead = (tokens.passage == 2) & (tokens.position > 10)
    confidences["entropy"][dead] = np.nan
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    assert {(r.passages, r.excluded_passages) for r in grid.rows} == {(7, 0)}
    confidences["entropy"][(tokens.passage == 2) & (tokens.position > 9)] = np.nan
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    assert {(r.passages, r.excluded_passages) for r in grid.rows} == {(6, 1)}


@pytest.mark.parametrize(("passages", "n"), [(0, 0), (1, 9)])
def test_nothing_usable_gives_nan_and_no_exception(passages, n):
    grid = correlation_grid(*material(passages, n), seed=1)
    assert len(grid.rows) == 48
    assert all(np.isnan([r.r, r.low, r.p]).all() for r in grid.rows)
    assert grid.family == 0


def test_the_table_is_tidy():
    table = correlation_grid(*material(3, 20), seed=1).table()
    assert list(table) == [f.name for f in fields(GridRow)]
    assert {len(column) for column in table.values()} == {48}
    assert table["r"].dtype.kind == "f"


def test_unequal_lengths_are_refused():
    steps, confidences, tokens = material(1, 20)
    steps["hf"] = steps["hf"][:-1]
    with pytest.raises(StudyError, match="of one length"):
        correlation_grid(steps, confidences, tokens, seed=1)
    with pytest.raises(StudyError, match="0 steps"):
        correlation_grid({}, confidences, tokens, seed=1)
