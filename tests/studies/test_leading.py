"""Where blocks differ in sign, their curve leads and not the mean that hides it."""

from pathlib import Path

import numpy as np
import pytest
from drawn_runs import drawn_run

from odograph.folder.selection import Pairs
from odograph.sentences.differences import sides
from odograph.statistics.permutation import both_signs, cancels
from odograph.studies import find
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups, paired
from odograph.studies.questions.layers import difference_of_curves

DIFFERENCE = np.array([2.0, -2.0, 2.0, -2.0, 0.1])
SMALL = np.array([0.01, 0.01, 0.01, 0.01, 0.9])


def test_layers_on_both_sides_of_0_are_told_where_they_are_shown() -> None:
    assert both_signs(DIFFERENCE, SMALL)
    assert not both_signs(np.abs(DIFFERENCE), SMALL)
    assert not both_signs(DIFFERENCE, np.array([0.01, 0.2, 0.01, np.nan, 0.9]))
    told = sides(DIFFERENCE, SMALL, ("more", "less"), "layer", first=0)
    assert told == "more in layers 0, 2, less in layers 1, 3"


@pytest.mark.parametrize(
    ("mean", "hidden"), [((-0.5, 0.6), True), ((0.1, 0.6), False), (None, False)]
)
def test_a_mean_hides_them_only_where_it_shows_nothing_itself(
    mean: tuple[float, float] | None, hidden: bool
) -> None:
    assert cancels(mean, DIFFERENCE, SMALL) is hidden
    assert not cancels(mean, np.abs(DIFFERENCE), SMALL)


def test_of_groups_that_cancel_over_blocks_the_curves_lead(tmp_path: Path) -> None:
    with drawn_run(tmp_path / "run", 2, effect=(2.5, -2.5) * 3, twins=True) as run:
        records = [f.record() for f in find("nouns-adjectives").analyse(run).findings]
    leading = max(records, key=lambda record: record["weight"])
    assert "in blocks 1, 3, 5" in leading["headline"]
    assert "in blocks 2, 4, 6" in leading["headline"]
    assert leading["estimate_of"] == "mean over blocks, where they cancel"
    behind = next(r for r in records if r["headline"].endswith("cannot be told apart"))
    assert behind["weight"] < leading["weight"]


def test_a_mean_that_hides_blocks_says_so_beside_its_number() -> None:
    effect = np.array([3.0, -3.0, 3.0, -3.0])
    control = np.random.default_rng(0).normal(size=(30, 4))
    target = control + effect + np.random.default_rng(1).normal(size=(30, 4))
    numbers, blocks = np.arange(30), np.arange(1, 5)
    found = Pairs(numbers, blocks, target, control, 0, tuple(map(str, numbers)))
    groups = Groups("rotation", "'her'", "the token before it", found, paired(found, 0), 0)
    told = difference_of_curves(
        FindingDefaults("rotation", n=30, null="none", unit="degrees"), groups
    ).finding
    assert "blocks 1, 3, smaller in blocks 2, 4" in told.headline
    assert told.estimate_of == "mean over blocks, where they cancel"
