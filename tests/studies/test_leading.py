"""Where blocks differ in sign, their curve leads and not the mean that hides it."""

from pathlib import Path

import numpy as np
import pytest
from drawn_runs import drawn_run

from odograph.studies import find
from odograph.studies.groups import both_signs, cancels, sides

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
    behind = next(r for r in records if r["headline"].endswith("cannot be told apart"))
    assert behind["weight"] < leading["weight"]
