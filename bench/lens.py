"""TransformerLens with everything cached, on the same weights; left out where it is missing."""

import warnings
from collections.abc import Sequence
from typing import Any

import torch

from bench import notebook


def missing() -> str | None:
    """Why it cannot be run; None where it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from transformer_lens import HookedTransformer  # noqa: F401
    except ImportError as error:
        return str(error)
    return None


def converted(model: Any) -> Any:
    """GPT-2 in TransformerLens, the weights as they are."""
    from transformer_lens import HookedTransformer, HookedTransformerConfig
    from transformer_lens import loading_from_pretrained as converting

    given = model.config
    config = HookedTransformerConfig(
        n_layers=given.n_layer,
        d_model=given.n_embd,
        n_heads=given.n_head,
        d_head=given.n_embd // given.n_head,
        d_mlp=4 * given.n_embd,
        n_ctx=given.n_positions,
        d_vocab=given.vocab_size,
        act_fn="gelu_new",
        eps=given.layer_norm_epsilon,
        init_weights=False,
        device="cpu",
    )
    theirs = HookedTransformer(config, move_to_device=False)
    weights = converting.fill_missing_keys(theirs, converting.convert_gpt2_weights(model, config))
    theirs.load_and_process_state_dict(
        weights,
        fold_ln=False,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
    )
    return theirs.eval()


def in_batches(theirs: Any, tokenizer: Any, texts: Sequence[str]) -> Any:
    """The notebook's table, from the cache of random batches of 8."""
    blocks = theirs.cfg.n_layers

    def states(ids: torch.Tensor, _: torch.Tensor) -> list[torch.Tensor]:
        _, cache = theirs.run_with_cache(ids, prepend_bos=False)
        first = cache["blocks.0.hook_resid_pre"]
        return [first, *(cache[f"blocks.{n}.hook_resid_post"] for n in range(blocks))]

    return notebook.angles_of(states, notebook.batches(tokenizer, texts))
