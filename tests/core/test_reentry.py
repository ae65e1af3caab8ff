"""A model entered again at some block, against itself and against one built without the blocks."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from shortened import without
from tiny import build_gpt2, build_llama, checked, scatter

from odograph.errors import ModelError, UsageError
from odograph.models.anatomy import Anatomy
from odograph.models.hooks import watching
from odograph.models.probe import dissect
from odograph.models.reentry import Intact, run_from, run_intact

IDS = torch.tensor([[5, 17, 80, 3, 50, 9, 41], [7, 7, 20, 60, 2, 39, 1]])


def build_falcon() -> Any:
    """Its blocks add to the state that they were given."""
    from transformers import FalconConfig, FalconForCausalLM

    config = checked(
        FalconConfig,
        vocab_size=400,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        parallel_attn=True,
        new_decoder_architecture=False,
    )
    return scatter(FalconForCausalLM(config), seed=7)


def build_gptj() -> Any:
    """Its blocks answer with a tuple."""
    from transformers import GPTJConfig, GPTJForCausalLM

    config = checked(
        GPTJConfig, vocab_size=400, n_positions=64, n_embd=32, n_layer=3, n_head=4, rotary_dim=4
    )
    return scatter(GPTJForCausalLM(config), seed=6)


BUILDERS = {
    "gpt2": build_gpt2,
    "llama": build_llama,
    "gptj": build_gptj,
    "falcon": build_falcon,
}


@pytest.fixture(params=BUILDERS)
def model(request) -> Any:
    return BUILDERS[request.param]()


def intact_of(anatomy: Anatomy) -> Intact:
    with torch.inference_mode():
        return run_intact(anatomy, {"input_ids": IDS})


def entered(anatomy: Anatomy, intact: Intact, block: int, states: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return run_from(anatomy, intact, block, states)


def error(given: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((given.double() - wanted.double()).norm() / wanted.double().norm())


@pytest.mark.parametrize(("first", "count"), [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (1, 3)])
def test_passing_a_state_over_blocks_is_not_having_them(model, first, count):
    shorter = without(model, first, count)
    with torch.inference_mode():
        expected = shorter.base_model(IDS, use_cache=False)[0]
    anatomy = dissect(model)
    intact = intact_of(anatomy)
    given = entered(anatomy, intact, first + count, intact.states[first - 1].clone())
    assert error(given, expected) < 1e-6


def test_what_lies_before_the_block_is_not_run(model):
    anatomy = dissect(model)
    intact = intact_of(anatomy)
    ran: list[int] = []
    for number, block in enumerate(anatomy.blocks, start=1):
        inside = next(m for m in block.modules() if m is not block)
        inside.register_forward_hook(lambda *_, number=number: ran.append(number))
    entered(anatomy, intact, 3, intact.states[2].clone())
    assert set(ran) == set(range(3, len(anatomy.blocks) + 1))


def test_states_that_were_kept_are_those_that_an_observer_sees(model):
    seen: dict[int, torch.Tensor] = {}
    anatomy = dissect(model)
    intact = intact_of(anatomy)
    with watching(anatomy, lambda n, x: seen.update({n: x.clone()})), torch.inference_mode():
        anatomy.trunk(IDS, use_cache=False)
    assert all(torch.equal(seen[n], state) for n, state in enumerate(intact.states))


def test_a_model_is_whole_again_afterwards(model):
    anatomy = dissect(model)
    intact = intact_of(anatomy)
    entered(anatomy, intact, 3, torch.ones_like(intact.states[0]))
    assert torch.equal(intact_of(anatomy).normed, intact.normed)
    assert not any("forward" in vars(block) for block in anatomy.blocks)


def test_a_model_is_whole_again_after_an_exception(model):
    anatomy = dissect(model)
    intact = intact_of(anatomy)
    with pytest.raises(RuntimeError):
        entered(anatomy, intact, 3, torch.ones(1, 1, 1))
    assert torch.equal(intact_of(anatomy).normed, intact.normed)


def test_a_forward_that_somebody_else_replaced_is_given_back():
    model = build_gpt2()
    block = dissect(model).blocks[1]
    own = block.forward
    block.forward = lambda *args, **kwargs: own(*args, **kwargs)
    replaced = block.forward
    anatomy = dissect(model)
    intact = intact_of(anatomy)
    entered(anatomy, intact, 4, intact.states[3].clone())
    assert block.forward is replaced


@pytest.mark.parametrize("block", [0, 6])
def test_a_block_that_is_not_there_is_refused(block):
    anatomy = dissect(build_gpt2())
    intact = intact_of(anatomy)
    with pytest.raises(UsageError, match=r"block to enter: expected 1 to 5, got"):
        entered(anatomy, intact, block, intact.states[0])


def test_attention_of_an_unknown_wiring_is_not_taken_away():
    anatomy = replace(dissect(build_gpt2()), wiring=None)
    intact = intact_of(anatomy)
    with pytest.raises(ModelError, match="cannot be taken away in block 2"), torch.inference_mode():
        run_from(anatomy, intact, 2, intact.states[1], torch.ones_like(IDS, dtype=torch.bool))
