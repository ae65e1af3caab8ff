"""Every family entered again at every block gives what the whole pass gives."""

import pytest
import torch
from families import DECODERS, STATE_SPACE, Example, build

from odograph.models.probe import dissect
from odograph.models.reentry import run_from, run_intact

IDS = torch.tensor([[5, 17, 80, 3, 50, 9, 41], [7, 7, 20, 60, 2, 39, 1]])


def error(given: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((given.double() - wanted.double()).norm() / wanted.double().norm())


@pytest.mark.parametrize("example", [*DECODERS, *STATE_SPACE], ids=lambda e: e.name)
def test_from_any_block_on_every_family_gives_what_the_whole_pass_gives(example: Example):
    anatomy = dissect(build(example), example.part)
    with torch.inference_mode():
        intact = run_intact(anatomy, {"input_ids": IDS})
        assert len(intact.states) == len(anatomy.blocks) + 1
        for block in range(1, len(anatomy.blocks) + 2):
            states = intact.states[block - 1]
            alone = run_from(anatomy, intact, block, states.clone())
            beside = run_from(anatomy, intact, block, torch.cat([states.flip(0), states]))
            assert error(alone, intact.normed) < 1e-6
            assert error(beside[len(IDS) :], intact.normed) < 1e-6
