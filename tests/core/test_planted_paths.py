"""Paths whose every angle and length is known come back as they were planted."""

import math
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from planted import VOCABULARY, WIDTH, everywhere, planted_gpt2, turning_states

from odograph.geometry import angle
from odograph.models.anatomy import Anatomy
from odograph.observe.path import Path, PathPlan
from odograph.observe.prediction import predict
from odograph.run.shard_tables import _once_a_token

Measured = Callable[..., Any]
IDS = [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2]]
ASKED = {"measures": ["bend,straightness"], "logits": "none"}


def layers_of(run: Any) -> dict[str, np.ndarray]:
    """Every column [tokens, L+1]."""
    found = run.arrow("layers")
    return {
        n: found[n].to_numpy().astype(float).reshape(-1, run.blocks + 1) for n in found.column_names
    }


@pytest.mark.parametrize("growth", [1.0, 1.3, 0.6])
def test_planted_angles_come_back(growth: float, measured: Measured) -> None:
    angles = [5, 10, 20, 40, 90, 135, 179, 1, 0.1]
    states = turning_states(angles, growth)
    run = measured(planted_gpt2(everywhere(states[0]), np.diff(states, axis=0)), IDS, **ASKED)
    found = layers_of(run)
    assert len(found["rotation"]) == 13
    for line in found["rotation"][:, 1:]:
        np.testing.assert_allclose(line, angles, atol=1e-4)
    np.testing.assert_allclose(found["growth"][0, 1:], growth, rtol=1e-5)
    np.testing.assert_allclose(found["turned"][0, -1], sum(angles), atol=1e-3)
    np.testing.assert_allclose(
        found["step"][0, 1:], np.linalg.norm(np.diff(states, axis=0), axis=1), rtol=2e-6, atol=1e-6
    )
    assert run.manifest["not_a_number"] == {}


def test_a_straight_line_is_straight(measured: Measured) -> None:
    step, start = np.zeros(WIDTH), np.zeros(WIDTH)
    start[0], step[1] = 2.0, 1.0
    run = measured(planted_gpt2(everywhere(start), [step] * 6), IDS, **ASKED)
    found = layers_of(run)
    # From (2, 0) straight up in units: the angle to the first axis is arctan(l / 2).
    height = np.degrees(np.arctan(np.arange(7) / 2))
    np.testing.assert_allclose(found["rotation"][0, 1:], np.diff(height), atol=1e-4)
    np.testing.assert_allclose(found["bend"][:, 2:], 0, atol=1e-4)
    assert np.isnan(found["bend"][:, :2]).all()
    np.testing.assert_allclose(found["path"][0, 1:], np.arange(1, 7), rtol=1e-6)
    straightness = run.sql("select straightness from tokens").fetchnumpy()["straightness"]
    np.testing.assert_allclose(straightness, 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("along", "sideways", "wanted"),
    [(1, 0, 0), (0.5, 0.5, 45), (0, 1, 90), (-1, 1, 135), (-1, 0, 180), (-3, 0, 180)],
)
def test_the_heading_says_whether_a_step_lengthens_turns_or_shortens(
    along: float, sideways: float, wanted: float, measured: Measured
) -> None:
    start, step = np.zeros(WIDTH), np.zeros(WIDTH)
    start[0] = 2
    step[:2] = along, sideways
    run = measured(planted_gpt2(everywhere(start), [step]), IDS, **ASKED)
    found = layers_of(run)["heading"]
    assert np.isnan(found[:, 0]).all()
    np.testing.assert_allclose(found[:, 1], wanted, atol=1e-4)


def test_independent_unit_steps_head_sideways_and_no_step_has_no_heading(
    measured: Measured,
) -> None:
    steps = [*np.eye(WIDTH)[1:5], np.zeros(WIDTH)]
    run = measured(planted_gpt2(everywhere(np.eye(WIDTH)[0]), steps), IDS, **ASKED)
    found = layers_of(run)["heading"]
    np.testing.assert_allclose(found[:, 1:5], 90, atol=1e-4)
    assert np.isnan(found[:, 5]).all()


def test_there_and_back_again_is_not_straight(measured: Measured) -> None:
    step, start = np.zeros(WIDTH), np.zeros(WIDTH)
    start[0], step[1] = 2.0, 1.0
    run = measured(planted_gpt2(everywhere(start), [step, -step]), IDS, **ASKED)
    found = layers_of(run)
    np.testing.assert_allclose(found["bend"][:, 2], 180, atol=1e-4)
    np.testing.assert_allclose(found["rotation"][:, 1], found["rotation"][:, 2], atol=1e-5)
    assert run.sql("select max(straightness) from tokens").fetchall()[0][0] == 0


def test_independent_unit_steps_turn_as_the_method_book_says(measured: Measured) -> None:
    """Orthogonal unit steps: rotation arctan(1/sqrt l), straightness 1/sqrt L."""
    steps = list(np.eye(WIDTH)[1:8])
    run = measured(planted_gpt2(everywhere(np.eye(WIDTH)[0]), steps), IDS, **ASKED)
    found = layers_of(run)
    length = np.sqrt(np.arange(1, 8))
    np.testing.assert_allclose(
        found["rotation"][0, 1:], np.degrees(np.arctan(1 / length)), atol=1e-4
    )
    np.testing.assert_allclose(found["relative_step"][0, 1:], 1 / length, rtol=1e-6)
    np.testing.assert_allclose(found["bend"][0, 2:], 90, atol=1e-4)
    straight = run.sql("select avg(straightness) from tokens").fetchall()[0][0]
    assert straight == pytest.approx(1 / math.sqrt(7), rel=1e-6)


def test_a_block_that_adds_nothing_turns_nothing_and_its_bends_are_counted(
    measured: Measured,
) -> None:
    states = turning_states([10, 20, 30])
    steps = [*np.diff(states, axis=0)[:2], np.zeros(WIDTH), np.diff(states, axis=0)[2]]
    run = measured(planted_gpt2(everywhere(states[0]), steps), IDS, **ASKED)
    found = layers_of(run)
    assert found["step"][:, 3].max() == 0
    assert found["rotation"][:, 3].max() < 1e-5
    np.testing.assert_allclose(found["rotation"][:, 4], 30, atol=1e-4)
    assert np.isnan(found["bend"][:, 3:]).all()
    assert run.manifest["not_a_number"] == {"bend": 26}
    assert run.manifest["first_not_a_number"] == "bend of token 0 '' of ids:1, layer 3"


def test_a_zero_state_has_no_angle_is_counted_and_named(measured: Measured) -> None:
    states = turning_states([10, 20, 30])
    start = everywhere(states[0])
    start[7] = 0
    run = measured(planted_gpt2(start, np.diff(states, axis=0)), IDS, **ASKED)
    assert run.manifest["not_a_number"] == {"rotation": 1}
    assert run.manifest["first_not_a_number"] == "rotation of token 1 '' of ids:2, layer 1"
    found = layers_of(run)
    assert np.isnan(found["rotation"][:, 1]).sum() == 1
    assert np.isnan(found["rotation"][:, 2:]).sum() == 0
    assert (found["norm"][:, 0] == 0).sum() == 1


def test_a_prediction_that_is_no_number_has_no_rank() -> None:
    """It would be the first: nothing beats a logit that is not a number."""
    head = torch.nn.Linear(8, 40, bias=False)
    anatomy = Anatomy("planted", head, (), head, 8, None, SimpleNamespace())
    normed = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    normed[1] = torch.nan
    with torch.inference_mode():
        found = predict(anatomy, normed, torch.tensor([5, 5, -1]), full=True)
    rows = [{name: values.numpy() for name, values in found.items()}]
    columns = _once_a_token(rows, np.array([False, False, True]))
    assert columns["rank"].mask.tolist() == [False, True, True]
    assert columns["next_logprob"].mask.tolist() == [False, False, True]
    assert np.isnan(columns["next_logprob"][1])


def test_a_zero_state_on_the_check_s_own_prompt_is_no_reason_to_refuse(measured: Measured) -> None:
    """All tokens begin at zero: equal zero states have no relative error."""
    steps = list(np.eye(WIDTH)[1:4])
    run = measured(planted_gpt2(np.zeros((VOCABULARY, WIDTH)), steps), IDS, **ASKED)
    assert all(check["passed"] for check in run.manifest["self_check"])
    assert run.manifest["not_a_number"] == {"rotation": 13}


def test_a_path_that_never_moves_has_no_straightness(measured: Measured) -> None:
    run = measured(planted_gpt2(everywhere(np.ones(WIDTH)), [np.zeros(WIDTH)] * 3), IDS, **ASKED)
    values = run.sql("select straightness from tokens").fetchnumpy()["straightness"]
    assert np.isnan(np.ma.filled(values, np.nan)).all()
    assert run.sql("select max(influence), max(step) from layers").fetchall()[0] == (
        pytest.approx(0, abs=1e-12),
        0,
    )


def test_the_hf_last_step_is_the_norm_s_and_the_stream_s_is_not(measured: Measured) -> None:
    states = turning_states([10, 20, 30])
    model = planted_gpt2(everywhere(states[0]), np.diff(states, axis=0))
    normed = states[-1] - states[-1].mean()
    normed /= np.sqrt((normed**2).mean() + model.config.layer_norm_epsilon)
    wanted = np.linalg.norm(normed - states[-2])
    for convention in ("stream", "hf"):
        run = measured(model, IDS, convention=convention, **ASKED)
        last = run.sql("select avg(last_step_stream), avg(last_step_hf) from tokens").fetchall()[0]
        assert last == pytest.approx((np.linalg.norm(states[-1] - states[-2]), wanted), rel=1e-5)
        given = layers_of(run)["step"][:, -1].mean()
        assert given == pytest.approx(last[0] if convention == "stream" else last[1], rel=1e-6)


@pytest.mark.parametrize("copies", [False, True])
def test_states_that_go_on_in_another_precision_are_not_rounded(copies: bool) -> None:
    """Mamba in bfloat16 adds its blocks up in float32, from the first one on."""
    generator = torch.Generator().manual_seed(0)
    states = [torch.randn(1, 5, 8, generator=generator) for _ in range(4)]
    states[0] = states[0].bfloat16()
    anatomy: Any = SimpleNamespace(blocks=(None,) * 3, final_norm=None)
    path = Path(anatomy, PathPlan("stream", copies=copies))
    for layer, state in enumerate(states):
        path.state(layer, state)
    rotation = path.finish(states[-1].flatten(0, 1))["rotation"][:, 1:]
    wanted = torch.stack([angle(u[0], v[0]) for u, v in pairwise(states)], dim=-1)
    torch.testing.assert_close(rotation, wanted, rtol=0, atol=1e-9)
