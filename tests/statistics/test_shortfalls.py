"""Where an interval falls short it says so, wherever it is made."""

from dataclasses import replace

import numpy as np
import pytest
from test_distances import apart

from odograph.sentences.names import name_of_interval
from odograph.statistics import intervals
from odograph.statistics.circular_blocks import block_mean_intervals
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.designs.one_sample import mean_profile
from odograph.statistics.intervals import ratio_interval
from odograph.statistics.simulated_coverage import SIMULATED


def name_of(interval):
    return name_of_interval(interval.method)


RNG = np.random.default_rng(0)


@pytest.fixture
def nothing_covers(monkeypatch):
    """As if every interval were simulated to hold the truth 80 times of 100."""
    bad = {kind: {8: (0.80, 0.82)} for kind in SIMULATED}
    monkeypatch.setattr(intervals, "SIMULATED", bad)


@pytest.mark.usefixtures("nothing_covers")
def test_over_passages_it_names_their_number():
    x, y = RNG.normal(size=(2, 9, 12)) + RNG.normal(size=12)
    said = "covers about 80.0 % at n = 9"
    assert name_of(rank_agreement(x, y, seed=0, resamples=99)[1]).endswith(said)
    assert name_of(ratio_interval(x[:, 0] + 9, y[:, 0] + 9, seed=0)).endswith(said)
    assert name_of_interval(mean_profile(x, None, seed=0).interval).endswith(said)
    found = apart(n=9)
    assert name_of(found.interval).endswith(said)
    fewer = replace(found.profile, n_second=7)
    assert name_of(replace(found, profile=fewer).interval).endswith("at n = 7")


@pytest.mark.usefixtures("nothing_covers")
def test_in_one_text_it_names_the_number_of_blocks():
    tokens = RNG.normal(size=(90, 2))
    length = block_mean_intervals(tokens, seed=0)[2]
    profile = mean_profile(tokens.mean(axis=0)[None], tokens, seed=0)
    named = name_of_interval(profile.interval)
    assert f"blocks of {length} tokens: nominal 95 %" in named
    assert named.endswith(f"covers about 80.0 % with {90 // length} blocks")
    x, y, z = RNG.normal(size=(3, 90))
    result = compare(([x], [y]), ([x], [z]), method="pearson", seed=0)
    assert name_of(result.interval).endswith(f"with {90 // result.block_length} blocks")


def test_a_mean_in_one_text_has_wider_bounds_than_plain_percentiles():
    tokens = RNG.normal(size=(40, 1))
    low, high, length = block_mean_intervals(tokens, seed=3)
    draws = np.random.default_rng(3).integers(41 - length, size=(1999, -(-40 // length)))
    means = tokens[(draws[:, :, None] + np.arange(length)).reshape(1999, -1)[:, :40], 0].mean(
        axis=1
    )
    plain = np.percentile(means, [2.5, 97.5])
    assert 1.05 < (high[0] - low[0]) / (plain[1] - plain[0]) < 1.7
