"""The whole grid of correlations: one text, few passages, many passages."""

import time
import weakref
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats

from odograph.errors import StudyError
from odograph.sentences.correlations import grid_note
from odograph.sentences.names import name_of_interval
from odograph.statistics.correlations import grid_cells, sessions
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    GridRow,
    GridTokens,
    correlation_grid,
)
from odograph.statistics.intervals import mean_interval
from odograph.statistics.keys import SignificanceTest


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


def left_of_ranks(x, y, others):
    """Ranks of x and y [2, n] less their linear fit on the ranks of others [n, k]."""
    design = np.column_stack([np.ones(len(x)), stats.rankdata(others, axis=0)])
    ranks = stats.rankdata(np.column_stack([x, y]), axis=0)
    return (ranks - design @ np.linalg.lstsq(design, ranks, rcond=None)[0]).T


def session_p_by_hand(xs, ys, seed, permutations):
    """Harris's test of passages of one length: x of each passage with y of another."""
    z = np.arctanh([[stats.pearsonr(x, y).statistic for y in ys] for x in xs])
    orders = sessions.pairings(len(xs), seed=seed, draws=permutations - 1)
    drawn = z[np.arange(len(xs)), orders].mean(axis=1)
    observed = np.diag(z).mean()
    tails = 1 + (drawn >= observed).sum(), 1 + (drawn <= observed).sum()
    return min(1, 2 * min(tails) / permutations)


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
    assert {r.test for r in grid.rows} == {SignificanceTest.NONE_ONE_TEXT}
    row = row_of(grid, **WANTED)
    kept = slice(1, 119)
    others = np.column_stack([tokens.position, *tokens.covariates.values()])[kept]
    left = left_of_ranks(steps["stream"][kept], confidences["log-probability"][kept], others)
    assert row.r == pytest.approx(stats.pearsonr(*left).statistic, abs=1e-10)
    assert row.low < row.r < row.high
    assert (row.tokens, row.excluded, row.passages) == (118, 2, 1)
    assert row.block_length >= 5
    assert np.isnan([row.p, row.p_bh, row.p_max_t]).all()


def test_rows_with_sinks_show_what_the_sink_does():
    steps, confidences, tokens = material(1, 120)
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    row = row_of(grid, **WANTED | {"kind": "raw", "method": "pearson", "sinks": "with"})
    whole = slice(0, 119)
    expected = stats.pearsonr(steps["stream"][whole], confidences["log-probability"][whole])
    assert row.r == pytest.approx(expected.statistic, abs=1e-10)
    assert (row.tokens, row.excluded) == (119, 1)


def test_many_passages_give_p_values_corrected_over_all_rows():
    steps, confidences, tokens = material(25, 30)
    grid = correlation_grid(steps, confidences, tokens, seed=1, permutations=400)
    assert {r.family for r in grid.rows} == {48} == {grid.family}
    row = row_of(grid, **WANTED)
    others = np.column_stack([tokens.position, *tokens.covariates.values()])
    calm = [np.flatnonzero(tokens.passage == p)[1:-1] for p in range(25)]
    left = [
        left_of_ranks(steps["stream"][k], confidences["log-probability"][k], others[k])
        for k in calm
    ]
    z = np.arctanh([stats.pearsonr(x, y).statistic for x, y in left])
    bounds = mean_interval(z, seed=1)
    assert row.r == pytest.approx(np.tanh(z.mean()), abs=1e-10)
    assert (row.low, row.high) == pytest.approx((np.tanh(bounds.low), np.tanh(bounds.high)))
    assert row.p == pytest.approx(session_p_by_hand(*zip(*left, strict=True), 1, 400))
    assert row.tokens == 25 * 28
    assert row.p_max_t < 0.05
    assert row.p_bh >= row.p
    assert row.block_length == 0


def test_tables_of_six_hundred_passages_are_held_one_at_a_time(monkeypatch):
    steps, confidences, tokens = material(600, 12)
    made, alive = [], []

    def watched(x, y):
        alive.append(sum(table() is not None for table in made))
        own, changes = sessions.session_tables(x, y)
        made.append(weakref.ref(changes))
        return own, changes

    monkeypatch.setattr(grid_cells, "session_tables", watched)
    before = time.process_time()
    some = {"stream": steps["stream"]}, {"entropy": confidences["entropy"]}
    assert correlation_grid(*some, tokens, seed=1, permutations=500).family == 8
    assert time.process_time() - before < 10
    assert len(made) == 8
    assert max(alive) <= 1


def test_where_a_part_of_the_passages_is_permuted_the_note_says_so(monkeypatch):
    monkeypatch.setattr(sessions, "MOST_PASSAGES", 22)
    steps, confidences, tokens = material(25, 30)
    grid = correlation_grid(steps, confidences, tokens, seed=1, permutations=100)
    assert grid_note(grid) == "p-values from 22 of 25 usable texts, drawn at random (seed 1)"
    assert {r.passages for r in grid.rows} == {25}
    read = np.isin(tokens.passage, sessions.drawn_passages(25, seed=1))
    part = GridTokens(
        tokens.passage[read],
        tokens.position[read],
        tokens.sink[read],
        {name: values[read] for name, values in tokens.covariates.items()},
    )
    alone = correlation_grid(
        {name: values[read] for name, values in steps.items()},
        {name: values[read] for name, values in confidences.items()},
        part,
        seed=1,
        permutations=100,
    )
    assert grid_note(alone) == ""
    assert [r.p for r in grid.rows] == [r.p for r in alone.rows]


def test_without_an_effect_the_grid_finds_none():
    grid = correlation_grid(*material(24, 30, slope=0.0, seed=2), seed=1, permutations=400)
    hits = [r for r in grid.rows if r.confidence != "none" and r.sinks == "without"]
    assert min(r.p_max_t for r in hits) > 0.05


def test_a_few_passages_give_intervals_over_passages_and_the_reason_for_no_p():
    grid = correlation_grid(*material(6, 30), seed=1)
    row = row_of(grid, **WANTED)
    assert row.low < row.r < row.high
    assert name_of_interval(row.interval).startswith(
        "BCa bootstrap of the mean Fisher z: nominal 95 %, covers about"
    )
    assert grid_note(grid) == "no p-value: 6 usable texts, session permutation needs 20"


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
