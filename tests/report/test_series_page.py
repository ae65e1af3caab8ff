"""A page about a series: one scale of colours, members in the order of their axis."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny

import odograph
from odograph.report.page import page_value

TEXTS = tiny.TEXTS


@pytest.fixture
def series(measured: Callable[..., Any], tmp_path: Path) -> Any:
    """Two members, the second of which turns otherwise, given in the wrong order."""
    runs = []
    for step, spread in ((8, 0.1), (0, 0.2)):
        folder = tiny.saved(tiny.build_gpt2(2, spread=spread), tmp_path / f"m{step}", begins=False)
        runs.append(measured(folder, out=tmp_path / f"step{step}"))
    axis = {"training step": [8, 0]}
    return odograph.compare(runs, tmp_path / "series", study="rotation", axis=axis)


def test_members_share_one_scale_of_colours_from_the_least_to_the_largest(series: Any) -> None:
    opened = [series, *series.compared]
    apart = page_value(opened[1:], "", "")["runs"]
    comparison, *members = page_value(opened, "", "")["runs"]
    assert [member["name"] for member in members] == ["step0", "step8"]
    assert [member["place"] for member in members] == [
        {"axis": "training step", "at": "0"},
        {"axis": "training step", "at": "8"},
    ]
    assert [member["place"] for member in apart] == [None, None]
    own = [member["profiles"]["rotation"]["scale"] for member in apart]
    both = [member["profiles"]["rotation"]["scale"] for member in members]
    assert own[0] != own[1]
    assert both[0] == both[1]
    assert both[0][0] == [None, None]
    for layer in (1, 2):
        assert both[0][layer][0] == min(scale[layer][0] for scale in own)
        assert both[0][layer][1] == max(scale[layer][1] for scale in own)
    assert ("in the order of training step", "0, 8") in comparison["card"]
