"""Networks of a class of one's own: found by structure, judged by the self-check."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from planted import turning_states
from torch import nn

import odograph
from odograph.errors import ModelError, UsageError
from odograph.models.loading import load

IDS = [list(range(1, 20)), list(range(5, 12))]


class Block(nn.Module):
    """Adds a vector, and a little of the mean over the tokens up to each."""

    def __init__(self, step: np.ndarray, mixing: float = 0.0) -> None:
        super().__init__()
        self.step = nn.Parameter(torch.from_numpy(step).float())
        self.mixing = mixing

    def forward(self, state: torch.Tensor) -> tuple[torch.Tensor, None]:
        so_far = torch.cumsum(state, 1) / torch.arange(1, state.shape[1] + 1)[None, :, None]
        return state + self.step + self.mixing * so_far, None


@dataclass
class Config:
    block_size: int = 16


class Own(nn.Module):
    """As somebody writes it: an embedding, a list of blocks, a head; no config of transformers."""

    def __init__(self, states: np.ndarray, mixing: float = 0.0) -> None:
        super().__init__()
        self.config = Config()
        self.words = nn.Embedding(40, states.shape[1])
        self.layers = nn.ModuleList(Block(step, mixing) for step in np.diff(states, axis=0))
        self.head = nn.Linear(states.shape[1], 40)
        with torch.no_grad():
            self.words.weight.copy_(torch.from_numpy(states[:1]).expand(40, -1))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        assert ids.shape[1] <= self.config.block_size
        state = self.words(ids)
        for layer in self.layers:
            state, _ = layer(state)
        return self.head(state)


class Reversed(Own):
    """Each state depends on all tokens of the batch: padding changes it."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return super().forward(ids.flip(1))


def test_the_turns_of_a_planted_network_are_found(measured):
    angles = (20.0, 5.0, 60.0)
    model = Own(turning_states(angles))
    run = measured(model, IDS, name="mine", logits="target", too_long="cut")
    rows = run.sql("select layer, min(rotation), max(rotation) from layers group by 1 order by 1")
    found = np.array(rows.fetchall()[1:], dtype=float)
    np.testing.assert_allclose(found[:, 1:], np.array([angles, angles]).T, atol=1e-3)
    assert run.manifest["model"]["blocks"] == 3
    assert run.manifest["model"]["family"] == "Own"
    assert run.manifest["exclusions"]["passages_cut"] == 1
    assert model.training


def test_states_that_mix_are_those_of_the_network_itself(measured):
    model = Own(turning_states((20.0, 5.0, 60.0)), mixing=0.3)
    seen = []
    handle = model.layers[-1].register_forward_hook(lambda *given: seen.append(given[2][0]))
    with torch.inference_mode():
        model(torch.tensor([IDS[1]]))
    handle.remove()
    run = measured(model, [IDS[1]])
    norms = run.sql("select norm from layers where layer = 3 order by position").fetchall()
    np.testing.assert_allclose(
        [norm for (norm,) in norms], seen[0][0].norm(dim=-1).numpy(), rtol=1e-5
    )


def test_a_class_that_a_batch_changes_is_refused_by_the_self_check(tmp_path):
    model = Reversed(turning_states((20.0, 5.0)), mixing=0.3)
    with torch.no_grad():
        model.words.weight.normal_(generator=torch.Generator().manual_seed(0))
    with pytest.raises(ModelError, match="did not pass its self-check: expected batch"):
        odograph.measure(model, IDS, out=tmp_path / "run")


def test_a_class_without_blocks_or_embedding_is_refused():
    with pytest.raises(ModelError, match="no list of blocks found in Linear"):
        load(nn.Linear(2, 2))
    with pytest.raises(ModelError, match="no embedding found in Sequential"):
        load(nn.Sequential(nn.ModuleList([nn.Linear(2, 2)])))


def test_twins_of_a_class_of_ones_own_are_refused(tmp_path):
    with pytest.raises(UsageError, match="untrained twins of a class of your own"):
        odograph.measure(Own(turning_states((5.0,))), IDS, untrained=5, out=tmp_path / "run")
