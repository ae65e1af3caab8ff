"""A tiny Llama written as a GGUF file, as llama.cpp's converter would write it."""

import json
from pathlib import Path
from typing import Any

import tiny

#: Names in a GGUF file, of a block and of what is outside.
_BLOCK = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_OUTSIDE = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}


def build() -> Any:
    """A Llama of 3 blocks whose widths are multiples of 32, as quantisation in blocks needs."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = tiny.checked(
        LlamaConfig,
        vocab_size=400,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=False,
    )
    return tiny.scatter(LlamaForCausalLM(config), seed=11)


def write(model: Any, path: Path, *, kind: str = "F32", blocks: int | None = None) -> Path:
    """Writes the model and the tests' tokenizer.

    Args:
        model: of `build`.
        path: the file.
        kind: the type in which matrices of blocks are stored, such as Q8_0.
        blocks: how many blocks the header says that there are; by default all.
    """
    import gguf

    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_block_count(blocks or config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer)
    for name, tensor in model.state_dict().items():
        _add_tensor(writer, name, tensor.float().numpy(), config, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: Any) -> None:
    from gguf import TokenType

    made = json.loads(tiny.tokenizer(begins=False)._tokenizer.to_str())["model"]
    tokens = sorted(made["vocab"], key=made["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    kinds = [TokenType.CONTROL if token == tiny.END else TokenType.NORMAL for token in tokens]
    writer.add_token_types(kinds)
    merges = [m if isinstance(m, str) else " ".join(m) for m in made["merges"]]
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)


def _add_tensor(writer: Any, name: str, values: Any, config: Any, kind: str) -> None:
    import gguf

    stem = name.removesuffix(".weight")
    if stem in _OUTSIDE:
        writer.add_tensor(f"{_OUTSIDE[stem]}.weight", values)
        return
    _, _, number, part = stem.split(".", 3)
    heads = {"self_attn.q_proj": config.num_attention_heads}
    heads["self_attn.k_proj"] = config.num_key_value_heads
    if part in heads:  # rotary halves stand beside each other there
        half = values.shape[0] // heads[part] // 2
        values = values.reshape(heads[part], 2, half, -1).swapaxes(1, 2).reshape(values.shape)
    place = f"blk.{number}.{_BLOCK[part]}.weight"
    if kind == "F32" or values.ndim == 1:
        writer.add_tensor(place, values.copy())
        return
    type_ = gguf.GGMLQuantizationType[kind]
    writer.add_tensor(place, gguf.quants.quantize(values.copy(), type_), raw_dtype=type_)
