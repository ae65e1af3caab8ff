"""The simulations of calibration/ in small, and whether its results are what pages and code say.

Bounds are the promise +- about three standard errors of the number of simulations.
"""

from dataclasses import replace

import numpy as np
import pytest

from calibration import analyses, covering, drift, family_wise, said
from calibration.pages import PAGES, RESULTS, filled
from calibration.rows import COVERAGE, FALSE_ALARMS, FOUND, read_rows, write_rows
from odograph.statistics.coverage import (
    BLOCKS,
    UNITS,
    coverage,
    shortfall,
    with_shortfall,
)
from odograph.statistics.intervals import BCA, mean_interval
from odograph.statistics.results import Interval
from odograph.statistics.wording import interval_words


def by_method(rows):
    return {row.method: row.estimate for row in rows}


def test_family_wise_error_at_twenty_sentences():
    share = by_method(family_wise.one(20, 250, methods=family_wise.METHODS, seed=8))
    for method in (family_wise.MAX_T, family_wise.CLUSTER):
        assert 0.015 <= share[method] <= 0.095
    assert share[family_wise.BH] <= 0.08
    assert share[family_wise.UNCORRECTED] > 0.4


def test_the_analyses_come_in_their_published_order():
    rows = list(analyses.rows(40))
    found = {row.method: row.estimate for row in rows if row.what == FOUND}
    assert found["paired t, uncorrected"] > found["cluster mass"] > found["max-T"]
    assert found["paired t, BH"] > found["max-T"]


def test_session_permutation_holds_under_drift_where_fisher_z_fails():
    share = by_method(drift.one(20, 250, drift=1.0, tie=0.0, seed=8))
    assert 0.015 <= share[drift.SESSION] <= 0.095
    assert share[drift.POOLED] > 0.9
    assert share[drift.BETWEEN] > 0.9
    assert by_method(drift.one(20, 60, drift=1.0, tie=0.3, seed=8))[drift.SESSION] > 0.9


@pytest.mark.parametrize("n", [8, 20, 54])
def test_means_are_covered_as_often_as_is_said(n):
    shapes = ("normal", "heavy", "skewed")
    share = np.mean([covering.mean_difference(n, 800, shape).estimate for shape in shapes])
    assert share == pytest.approx(UNITS[n], abs=0.02)


def test_lemmas_are_covered_and_words_as_units_are_not():
    share = by_method(covering.lemmas(54, 400))
    assert share[covering.LEMMA] >= 0.91
    assert share[covering.TORN] < 0.8


def test_two_models_are_covered():
    assert covering.over_passages(54, 400).estimate >= 0.91
    assert covering.one_text(342, 60, 0.5).estimate >= 0.80


def test_the_same_seed_gives_the_same_rows():
    once, again = (list(drift.one(20, 10, drift=1.0, tie=0.0)) for _ in range(2))
    assert once == again
    assert covering.mean_difference(8, 100, "heavy") == covering.mean_difference(8, 100, "heavy")
    assert list(family_wise.one(20, 10)) == list(family_wise.one(20, 10))


def results():
    return read_rows(RESULTS)


def test_rows_are_read_as_they_were_written(tmp_path):
    write_rows(tmp_path / "rows.csv", results())
    assert read_rows(tmp_path / "rows.csv") == results()
    assert (tmp_path / "rows.csv").read_bytes() == RESULTS.read_bytes()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_show_the_results(page):
    written = page.read_text(encoding="utf-8")
    assert written == filled(written, results()), "python -m calibration --pages"
    assert "| method |" in written


def test_the_committed_results_keep_the_promises():
    tested = [r for r in results() if r.what == FALSE_ALARMS]
    corrected = {family_wise.MAX_T, family_wise.CLUSTER, drift.SESSION}
    assert {
        r.verdict for r in tested if r.method in corrected and not r.setting.startswith("published")
    } == {"holds"}
    assert {r.n for r in tested if r.method == family_wise.MAX_T} >= {20, 54, 150}
    bh = [r.estimate for r in tested if r.method == family_wise.BH]
    assert max(bh) <= 0.07
    covered = [r for r in results() if r.what == COVERAGE and r.method != covering.TORN]
    assert max(r.estimate for r in covered) <= 0.97


def test_what_is_said_is_what_was_simulated():
    assert said.units(results()) == UNITS
    assert said.blocks(results()) == BLOCKS


def test_coverage_lies_between_the_simulated_numbers():
    assert coverage(BCA, 8) == UNITS[8]
    assert min(UNITS[8], UNITS[10]) <= coverage(BCA, 9) <= max(UNITS[8], UNITS[10])
    assert coverage("BCa bootstrap over passages of the mean Fisher z", 10**6) == UNITS[150]
    assert coverage("moving-block bootstrap, percentiles", 1) == BLOCKS[min(BLOCKS)]
    assert coverage("expanded percentile bootstrap over units", 8) is None
    assert coverage(BCA, 0) is None


def test_a_shortfall_is_said_beside_the_interval_and_only_then():
    values = np.random.default_rng(0).normal(size=54)
    few, many = mean_interval(values[:8], seed=0), mean_interval(values, seed=0)
    percent = f"{100 * UNITS[8]:.0f}"
    assert few.method == f"BCa bootstrap: nominal 95 %, covers about {percent} % at n = 8"
    assert many.method == "BCa bootstrap"
    assert interval_words(few).endswith(few.method)
    bare = replace(few, method=BCA)
    assert interval_words(bare, n=8) == interval_words(few) == interval_words(few, n=8)
    assert interval_words(bare) == interval_words(bare, n=54)
    assert (
        interval_words(Interval(1, 2, 0.9, BCA), n=8) == "90 % interval 1.00 to 2.00, BCa bootstrap"
    )
    block = "moving-block bootstrap, percentiles"
    words = shortfall(block, 4)
    assert with_shortfall(block, 4) == f"{block}: {words}"
    assert words == f"nominal 95 %, covers about {100 * BLOCKS[4]:.0f} % with 4 blocks"
    assert shortfall(BCA, 25) == ""
