"""A difference that was planted is found, and none is found where there is none."""

from pathlib import Path

import numpy as np
import pytest
from made_runs import made_run

from odograph.statistics.permutation import mean_p
from odograph.studies.rotation import ROTATION
from odograph.studies.sample import Sample, read_sample

SEEDS = 60
#: P(more than 8 of 60 | .05) = .003.
MOST = 8


def analysed(folder: Path, seed: int, effect: float) -> Sample:
    with made_run(folder / f"{effect}-{seed}", seed, effect=effect) as run:
        return read_sample(run, ROTATION)


def p_values(sample: Sample) -> tuple[float, float, float]:
    """The p of the summed difference, of the best cluster, and of the best layer by max-T."""
    assert sample.groups is not None
    total = mean_p(sample.groups.differences.sum(axis=1), seed=0)
    profile = sample.groups.profile
    cluster = min((c.p for c in profile.clusters), default=1.0)
    return total or 1.0, cluster, float(np.nanmin(profile.p_max_t))


def test_planted_layers_are_read_back_from_the_run(tmp_path: Path) -> None:
    sample = analysed(tmp_path, 1, 1.0)
    assert sample.groups is not None
    profile = sample.groups.profile
    assert (profile.n, sample.excluded) == (24, 0)
    assert np.nanargmax(np.abs(profile.d_z)) == 1
    assert profile.difference[1] == pytest.approx(np.sqrt(2.5), abs=0.9)


@pytest.mark.slow
def test_equal_groups_differ_no_oftener_than_chance_has_it(tmp_path: Path) -> None:
    found = np.array([p_values(analysed(tmp_path, seed, 0.0)) for seed in range(SEEDS)])
    rejected = (found < 0.05).sum(axis=0)
    assert (rejected <= MOST).all(), rejected


def test_a_difference_of_one_standard_deviation_is_found(tmp_path: Path) -> None:
    found = [analysed(tmp_path, seed, 1.0) for seed in range(8)]
    layer = np.array([p_values(sample)[2] for sample in found])
    cluster = np.array([p_values(sample)[1] for sample in found])
    assert (layer < 0.05).sum() >= 7
    assert (cluster < 0.05).sum() >= 7
    d_z = np.mean([m.groups.profile.d_z for m in found if m.groups is not None], axis=0)
    assert d_z[1] == pytest.approx(1.0, abs=0.3)
    assert np.abs(np.delete(d_z, 1)).max() < 0.3
