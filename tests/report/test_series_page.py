"""A page about a series: one scale of colours, members in the order of their axis."""

import http.client
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from serving import TOKEN, serving

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


def test_the_explorer_colours_members_by_the_same_scale(series: Any) -> None:
    opened = [series, *series.compared]
    _, *members = page_value(opened, "", "")["runs"]
    with serving(*(run.folder for run in opened)) as name:
        scales = [asked_profile(name, number)["scale"] for number in (1, 2)]
    assert scales[0] == scales[1]
    np.testing.assert_allclose(
        scales[0][1:], members[0]["profiles"]["rotation"]["scale"][1:], rtol=1e-5
    )
    with serving(opened[1].folder) as name:
        assert asked_profile(name, 0)["scale"] != scales[0]


def asked_profile(name: str, run: int) -> Any:
    connection = http.client.HTTPConnection(name, timeout=60)
    connection.request("GET", "/session", headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    path = f"/api/profile?run={run}&measure=rotation"
    connection.request("GET", path, headers={"Cookie": cookie})
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found
