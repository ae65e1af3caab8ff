"""The angles between every two states of a token, against the same written down again."""

from typing import Any

import numpy as np
import pytest
import torch
from recomputed import angle

from odograph.observe.spans import Spans, spans_budget

LAYERS, WIDTH = 5, 24


def watched(batches: list[tuple[np.ndarray, list[int], list[int]]]) -> dict[str, Any]:
    """The columns after batches of states [layers, rows, width], rows that count, and whose."""
    spans = Spans(len(batches[0][0]))
    for states, rows, passages in batches:
        spans.expect(torch.tensor(rows), torch.tensor(passages))
        for layer, state in enumerate(states):
            spans.state(layer, torch.from_numpy(state), torch.empty(0))
        spans.commit()
    return spans.columns()


def random_states(rows: int, seed: int = 0, layers: int = LAYERS) -> np.ndarray:
    generator = np.random.default_rng(seed)
    steps = generator.normal(size=(layers, rows, WIDTH)) * np.arange(layers, 0, -1)[:, None, None]
    return steps.cumsum(0).astype(np.float32)


def test_angles_are_those_of_the_states_averaged_over_the_tokens_of_a_passage():
    first, second = random_states(7), random_states(3, seed=1)
    found = watched([(first, [1, 2, 4, 5, 6], [3, 3, 0, 0, 0]), (second, [0, 2], [1, 1])])
    tokens = {0: first[:, [4, 5, 6]], 1: second[:, [0, 2]], 3: first[:, [1, 2]]}
    wide = {number: states.astype(np.float64) for number, states in tokens.items()}
    row = 0
    for number in (0, 1, 3):
        for layer in range(LAYERS - 1):
            for blocks in range(1, LAYERS - layer):
                between = angle(wide[number][layer], wide[number][layer + blocks])
                keys = [found[name][row] for name in ("passage", "layer", "blocks", "tokens")]
                assert keys == [number, layer, blocks, len(between)]
                assert found["angle"][row] == pytest.approx(between.mean(), abs=1e-9)
                assert found["last_angle"][row] == pytest.approx(between[-1], abs=1e-9)
                row += 1
    assert row == len(found["angle"])


def test_one_row_may_count_for_two_passages_that_begin_alike():
    states = random_states(4)
    both = watched([(states, [0, 1, 2, 0, 1, 3], [5, 5, 5, 6, 6, 6])])
    alone = [watched([(states, rows, [n] * 3)]) for n, rows in ((5, [0, 1, 2]), (6, [0, 1, 3]))]
    for name, values in both.items():
        assert values.tolist() == [*alone[0][name], *alone[1][name]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("degrees", [0.001, 0.01, 0.1, 1.0, 45.0, 90.0, 179.0, 179.999])
def test_small_and_large_angles_are_right_to_a_ten_thousandth_of_a_degree(degrees, dtype):
    generator = np.random.default_rng(3)
    basis, _ = np.linalg.qr(generator.normal(size=(4096, 2)))
    turned = np.cos(np.radians(degrees)) * basis[:, 0] + np.sin(np.radians(degrees)) * basis[:, 1]
    states = np.stack([3000 * basis[:, 0], 0.02 * turned])[:, None].astype(dtype)
    truth = angle(states[0].astype(np.float64), states[1].astype(np.float64))[0]
    found = watched([(states, [0], [0])])
    assert found["angle"][0] == pytest.approx(truth, abs=1e-6)
    assert truth == pytest.approx(degrees, abs=1e-4 if dtype == "float64" else 1e-2)


def test_a_state_that_does_not_change_has_turned_by_nothing():
    states = np.repeat(random_states(3)[-1:], LAYERS, axis=0)
    assert watched([(states, [0, 1, 2], [0, 0, 0])])["angle"] == pytest.approx(0, abs=1e-5)


def test_a_zero_state_is_left_out_and_counted():
    states = random_states(3)
    states[2, 1] = 0
    found = watched([(states, [0, 1, 2], [0, 0, 0])])
    touched = (found["layer"] == 2) | (found["layer"] + found["blocks"] == 2)
    assert found["tokens"][touched].tolist() == [2] * touched.sum()
    assert found["tokens"][~touched].tolist() == [3] * (~touched).sum()
    assert np.isfinite(found["angle"]).all()


def test_a_zero_state_alone_gives_no_number():
    states = random_states(1)
    states[0] = 0
    found = watched([(states, [0], [0])])
    assert np.isnan(found["angle"][found["layer"] == 0]).all()
    assert np.isnan(found["last_angle"][found["layer"] == 0]).all()
    assert (found["tokens"][found["layer"] == 0] == 0).all()


def test_a_batch_without_counted_rows_gives_nothing():
    found = watched([(random_states(2), [], [])])
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(found, 0)


def test_half_precision_is_widened_first():
    states = torch.from_numpy(random_states(2)).bfloat16()
    spans = Spans(LAYERS)
    spans.expect(torch.tensor([0, 1]), torch.tensor([0, 0]))
    for layer, state in enumerate(states):
        spans.state(layer, state, torch.empty(0))
    spans.commit()
    wide = watched([(states.float().numpy(), [0, 1], [0, 0])])
    assert spans.columns()["angle"].tolist() == wide["angle"].tolist()


@pytest.mark.parametrize(
    ("layers", "width", "device", "tokens"),
    [(13, 768, "cpu", 1680), (49, 1600, "cpu", 213), (49, 1600, "cuda:1", 3423)],
)
def test_the_states_of_a_batch_fit_the_room_there_is(layers, width, device, tokens):
    assert spans_budget(layers, width, device) == tokens
    assert spans_budget(10**6, 10**6) == 1
