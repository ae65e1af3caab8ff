"""The whole grid of correlations: one text, few passages, many passages."""

import weakref
from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import stats

from odograph.errors import StudyError
from odograph.sentences.correlations import grid_note, left_out_words
from odograph.sentences.names import name_of_interval
from odograph.statistics.bootstrap_t import bootstrap_t
from odograph.statistics.correlations import grid_cells, own_pairing
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    GridRow,
    GridTokens,
    correlation_grid,
)
from odograph.statistics.correlations.own_pairing import document_excess, pair_excess
from odograph.statistics.intervals import mean_interval
from odograph.statistics.keys import SignificanceTest
from odograph.studies import defaults


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
    assert (row.tokens, row.excluded, row.documents) == (118, 2, 1)
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
    grid = correlation_grid(steps, confidences, tokens, seed=1)
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
    assert (row.low, row.high) == pytest.approx(
        (np.tanh(bounds.low), np.tanh(bounds.high)), abs=2e-3
    )
    excess = document_excess(pair_excess(*zip(*left, strict=True)), np.arange(25))
    t = bootstrap_t(excess[:, None], seed=1, resamples=9999)
    observed = excess.mean() / (excess.std(ddof=1) / 5)
    assert row.p == pytest.approx((1 + (np.abs(t) >= abs(observed)).sum()) / (1 + len(t)))
    assert row.tokens == 25 * 28
    assert row.p_max_t < 0.05
    assert row.p_bh >= row.p
    assert row.block_length == 0


def test_tables_of_six_hundred_passages_are_held_one_at_a_time(monkeypatch):
    steps, confidences, tokens = material(600, 12)
    made, alive = [], []

    def watched(x, y):
        alive.append(sum(table() is not None for table in made))
        table = pair_excess(x, y)
        made.append(weakref.ref(table))
        return table

    monkeypatch.setattr(grid_cells, "pair_excess", watched)
    some = {"stream": steps["stream"]}, {"entropy": confidences["entropy"]}
    assert correlation_grid(*some, tokens, seed=1).family == 8
    assert len(made) == 8
    assert max(alive) <= 1


def test_where_a_part_of_the_passages_is_tested_the_note_says_so(monkeypatch):
    monkeypatch.setattr(own_pairing, "MOST_PASSAGES", 22)
    steps, confidences, tokens = material(25, 30)
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    row = row_of(grid, **WANTED)
    assert grid_note(grid, row) == "p-values from 22 of 25 texts, drawn at random (seed 1)"
    assert (row.n_tested, row.correlation.tested.drawn) == (22, 22)
    said = defaults.tested_as(row.correlation.tested)["test"]
    assert said.endswith(", read from 22 drawn at random")
    assert {r.documents for r in grid.rows} == {25}
    assert len(grid.documents) == 22


def test_passages_need_not_stand_one_after_the_other():
    steps, confidences, tokens = material(8, 30)
    order = np.random.default_rng(2).permutation(8 * 30)
    mixed = replace(
        tokens,
        passage=np.asarray(tokens.passage)[order],
        position=np.asarray(tokens.position)[order],
        sink=np.asarray(tokens.sink)[order],
        covariates={name: np.asarray(v)[order] for name, v in tokens.covariates.items()},
    )
    there = correlation_grid(steps, confidences, tokens, seed=1)
    here = correlation_grid(
        {name: values[order] for name, values in steps.items()},
        {name: values[order] for name, values in confidences.items()},
        mixed,
        seed=1,
    )
    assert np.allclose([r.r for r in here.rows], [r.r for r in there.rows], atol=1e-12)


def test_documents_are_counted_and_their_passages_averaged_first():
    steps, confidences, tokens = material(24, 30)
    document = np.repeat([0, 0, 0, 0, 0, *range(5, 24)], 30)
    by = replace(tokens, document=document)
    row = row_of(correlation_grid(steps, confidences, by, seed=1), **WANTED)
    assert (row.documents, row.short, row.flat) == (20, 0, 0)
    alone = row_of(correlation_grid(steps, confidences, tokens, seed=1), **WANTED)
    assert row.r == pytest.approx(alone.r), "passages of one length are worth the same"
    assert row.p > 0, "20 documents are enough"
    one = replace(tokens, document=np.zeros(len(document), int))
    whole = correlation_grid(steps, confidences, one, seed=1)
    assert {r.documents for r in whole.rows} == {1}
    assert {r.test for r in whole.rows} == {SignificanceTest.NONE_ONE_TEXT}


def test_without_an_effect_the_grid_finds_none():
    grid = correlation_grid(*material(24, 30, slope=0.0, seed=2), seed=1)
    hits = [r for r in grid.rows if r.confidence != "none" and r.sinks == "without"]
    assert min(r.p_max_t for r in hits) > 0.05


def test_a_few_passages_give_intervals_over_passages_and_the_reason_for_no_p():
    grid = correlation_grid(*material(6, 30), seed=1)
    row = row_of(grid, **WANTED)
    assert row.low < row.r < row.high
    assert name_of_interval(row.interval).startswith(
        "BCa bootstrap of the mean Fisher z: nominal 95 %, covers about"
    )
    assert grid_note(grid, row) == (
        "no p-value: 6 usable texts, own pairs against pairs of different texts need 20"
    )


def test_short_passages_are_left_out_and_the_reason_is_said():
    steps, confidences, tokens = material(7, 30)
    dead = (tokens.passage == 2) & (tokens.position > 10)
    confidences["entropy"][dead] = np.nan
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    assert {(r.documents, r.short) for r in grid.rows} == {(7, 0)}
    confidences["entropy"][(tokens.passage == 2) & (tokens.position > 9)] = np.nan
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    # With the first token, which is a sink, the passage has ten.
    assert {(r.sinks, r.documents, r.short) for r in grid.rows} == {
        ("without", 6, 1),
        ("with", 7, 0),
    }
    row = row_of(grid, **WANTED)
    assert left_out_words(row) == "1 with fewer than 10 usable tokens"
    assert grid_note(grid, row).endswith(
        "; 1 of 7 texts left out: 1 with fewer than 10 usable tokens"
    )


def test_a_cell_without_a_number_leaves_the_passage_in_all_others():
    steps, confidences, tokens = material(7, 30)
    there = tokens.passage == 2
    confidences["entropy"][there] = 1.0  # does not vary there
    # What is left of the log-probability beside its own copy is nothing.
    tokens.covariates["norm before the last block"][there] = confidences["log-probability"][there]
    grid = correlation_grid(steps, confidences, tokens, seed=1)
    for row in grid.rows:
        gone = row.confidence == "entropy"
        gone |= row.kind == "partial" and row.confidence == "log-probability"
        assert (row.documents, row.flat) == ((6, 1) if gone else (7, 0)), row
        assert np.isfinite(row.r)
    assert left_out_words(row_of(grid, **WANTED)) == "1 where nothing varies beside the covariates"


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


def test_the_comparison_of_models_counts_the_passages_that_the_study_counts():
    steps, confidences, tokens = material(7, 30)
    step, sure = steps["stream"], confidences["log-probability"]
    sure[(tokens.passage == 2) & (tokens.position > 9)] = np.nan  # nine are left without the sink
    row = row_of(correlation_grid(steps, confidences, tokens, seed=1), **WANTED)
    usable = ~tokens.sink
    covariates = np.column_stack([tokens.position, *tokens.covariates.values()])
    series = [
        [values[usable & (tokens.passage == k)] for k in range(7)]
        for values in (step, sure, covariates)
    ]
    both = compare(
        (series[0], series[1]),
        (series[0], series[1]),
        method="spearman",
        seed=1,
        covariates=(series[2], series[2]),
    )
    assert (both.n, both.excluded) == (row.documents, row.short + row.flat) == (6, 1)
