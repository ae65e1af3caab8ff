"""States and parts against those of TransformerLens, which computes them with its own transformer.

Its processing of weights (folded norms, centred weights) is off: it changes states. Optional:

    pip install -r tests/crosscheck/requirements.txt
    pytest tests/crosscheck
"""

import warnings

import pytest
import tiny

from odograph.models.hooks import watching
from odograph.models.probe import dissect

TOLERANCE = 1e-4
PARTS = {"attention": "attn_out", "mlp": "mlp_out"}

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    try:
        from transformer_lens import HookedTransformer, HookedTransformerConfig
        from transformer_lens import loading_from_pretrained as converting
    except ImportError as error:
        pytest.skip(
            f"TransformerLens with HookedTransformer is not installed: {error}",
            allow_module_level=True,
        )

pytestmark = pytest.mark.filterwarnings("ignore")


def build_neox(parallel):
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

    config = tiny.checked(
        GPTNeoXConfig,
        vocab_size=400,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=128,
        use_parallel_residual=parallel,
        tie_word_embeddings=False,
    )
    return tiny.scatter(GPTNeoXForCausalLM(config), seed=7)


def same_for_all(config):
    return {
        "n_layers": config.num_hidden_layers,
        "d_model": config.hidden_size,
        "n_heads": config.num_attention_heads,
        "d_head": config.hidden_size // config.num_attention_heads,
        "n_ctx": config.max_position_embeddings,
        "d_vocab": config.vocab_size,
        "init_weights": False,
        "device": "cpu",
    }


def gpt2():
    model = tiny.build_gpt2()
    more = {"act_fn": "gelu_new", "eps": 1e-5, "d_mlp": 4 * model.config.n_embd}
    return model, more, converting.convert_gpt2_weights


def neox(parallel=True):
    model = build_neox(parallel)
    more = {
        "act_fn": "gelu",
        "eps": model.config.layer_norm_eps,
        "d_mlp": model.config.intermediate_size,
        "parallel_attn_mlp": parallel,
        "positional_embedding_type": "rotary",
        "rotary_adjacent_pairs": False,
        "rotary_dim": int(model.config.rope_parameters["partial_rotary_factor"] * 16),
    }
    return model, more, converting.convert_neox_weights


def llama():
    model = tiny.build_llama()
    more = {
        "act_fn": "silu",
        "eps": model.config.rms_norm_eps,
        "d_mlp": model.config.intermediate_size,
        "normalization_type": "RMS",
        "final_rms": True,
        "gated_mlp": True,
        "n_key_value_heads": model.config.num_key_value_heads,
        "positional_embedding_type": "rotary",
        "rotary_adjacent_pairs": False,
        "rotary_dim": model.config.hidden_size // model.config.num_attention_heads,
    }
    return model, more, converting.convert_llama_weights


EXAMPLES = {
    "gpt2": gpt2,
    "neox, parallel": neox,
    "neox, sequential": lambda: neox(parallel=False),
    "llama": llama,
}


def theirs(model, more, convert):
    """The same weights in TransformerLens, as they are."""
    config = HookedTransformerConfig(**(same_for_all(model.config) | more))
    lens = HookedTransformer(config, move_to_device=False)
    weights = converting.fill_missing_keys(lens, convert(model, config))
    lens.load_and_process_state_dict(
        weights,
        fold_ln=False,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
    )
    return lens.eval()


def ours(model, ids):
    """States by layer and parts by layer and name, as the hooks see them."""
    import torch

    states, parts = {}, {}
    anatomy = dissect(model)
    with (
        torch.inference_mode(),
        watching(
            anatomy,
            lambda layer, state: states.update({layer: state.clone()}),
            lambda layer, part, added: parts.update({(layer, part): added.clone()}),
        ),
    ):
        anatomy.trunk(input_ids=ids, use_cache=False)
    return states, parts


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_states_and_parts_are_those_of_transformer_lens(name):
    import torch

    model, more, convert = EXAMPLES[name]()
    ids = torch.randint(400, (2, 40), generator=torch.Generator().manual_seed(1))
    states, parts = ours(model, ids)
    with torch.inference_mode():
        _, cache = theirs(model, more, convert).run_with_cache(ids, prepend_bos=False)
    blocks = model.config.num_hidden_layers
    assert sorted(states) == list(range(blocks + 1))
    assert sorted(parts) == [(n, part) for n in range(1, blocks + 1) for part in PARTS]
    for block in range(blocks):
        for layer, hook in ((block, "resid_pre"), (block + 1, "resid_post")):
            expected = cache[f"blocks.{block}.hook_{hook}"]
            torch.testing.assert_close(states[layer], expected, rtol=TOLERANCE, atol=TOLERANCE)
        for part, hook in PARTS.items():
            expected = cache[f"blocks.{block}.hook_{hook}"]
            given = parts[block + 1, part]
            torch.testing.assert_close(given, expected, rtol=TOLERANCE, atol=TOLERANCE)
