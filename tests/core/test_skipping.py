"""A model without some of its blocks, against one that was built without them."""

from typing import Any

import pytest
import torch
from shortened import without
from tiny import build_gpt2, build_llama, checked, scatter

from odograph.errors import UsageError
from odograph.models.hooks import watching
from odograph.models.probe import dissect
from odograph.models.skipping import skipping

IDS = torch.tensor([[5, 17, 80, 3, 250, 9, 41], [7, 7, 120, 60, 2, 399, 1]])


def build_neox() -> Any:
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

    config = checked(
        GPTNeoXConfig,
        vocab_size=400,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=64,
    )
    return scatter(GPTNeoXForCausalLM(config), seed=5)


def build_gptj() -> Any:
    """Its blocks answer with a tuple."""
    from transformers import GPTJConfig, GPTJForCausalLM

    config = checked(
        GPTJConfig, vocab_size=400, n_positions=64, n_embd=32, n_layer=3, n_head=4, rotary_dim=4
    )
    return scatter(GPTJForCausalLM(config), seed=6)


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


BUILDERS = {
    "gpt2": build_gpt2,
    "llama": build_llama,
    "neox": build_neox,
    "gptj": build_gptj,
    "falcon": build_falcon,
}


@pytest.fixture(params=BUILDERS)
def model(request) -> Any:
    return BUILDERS[request.param]()


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(IDS, use_cache=False).logits.double()


@pytest.mark.parametrize(("first", "count"), [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (1, 3)])
def test_skipping_blocks_is_not_having_them(model, first, count):
    expected = logits(without(model, first, count))
    with skipping(dissect(model), first, count):
        skipped = logits(model)
        again = logits(model)
    assert (skipped - expected).norm() / expected.norm() < 1e-6
    assert torch.equal(skipped, again)


def test_a_model_is_whole_again_afterwards(model):
    before, anatomy = logits(model), dissect(model)
    with skipping(anatomy, 2, 2):
        assert not torch.equal(logits(model), before)
    assert torch.equal(logits(model), before)
    assert not any("forward" in vars(block) for block in anatomy.blocks)


def test_a_model_is_whole_again_after_an_exception(model):
    before = logits(model)
    with pytest.raises(ZeroDivisionError), skipping(dissect(model), 1, 1):
        raise ZeroDivisionError
    assert torch.equal(logits(model), before)


def test_skipping_may_be_nested(model):
    anatomy = dissect(model)
    with skipping(anatomy, 1, 2):
        two = logits(model)
    with skipping(anatomy, 1, 1):
        one = logits(model)
        with skipping(anatomy, 1, 2):
            assert torch.equal(logits(model), two)
        assert torch.equal(logits(model), one)


def test_a_forward_that_somebody_else_replaced_is_given_back():
    model = build_gpt2()
    block = dissect(model).blocks[1]
    own = block.forward
    block.forward = lambda *args, **kwargs: own(*args, **kwargs)
    replaced, before = block.forward, logits(model)
    with skipping(dissect(model), 2, 1):
        assert not torch.equal(logits(model), before)
    assert block.forward is replaced


def test_a_skipped_block_is_seen_and_leaves_the_state_as_it_is(model):
    seen: dict[int, torch.Tensor] = {}
    anatomy = dissect(model)
    with skipping(anatomy, 2, 1), watching(anatomy, lambda n, x: seen.update({n: x.clone()})):
        logits(model)
    assert torch.equal(seen[1], seen[2])
    assert not torch.equal(seen[2], seen[3])


def test_nothing_is_skipped_with_a_count_of_0(model):
    before = logits(model)
    with skipping(dissect(model), 1, 0):
        assert torch.equal(logits(model), before)


@pytest.mark.parametrize(("first", "count"), [(0, 1), (5, 1), (3, 3), (1, -1)])
def test_blocks_that_are_not_there_are_refused(first, count):
    with (
        pytest.raises(UsageError, match=r"blocks to skip: expected some of 1 to 4, got"),
        skipping(dissect(build_gpt2()), first, count),
    ):
        pass
