"""Texts, tokenizers and tiny models that the tests build for themselves."""

from pathlib import Path
from typing import Any

#: Of very different lengths, some with "her", one twice, one with it at the start.
TEXTS = (
    "The old man turned round and followed her across the field.",
    "Rain.",
    "They gave her the letter, and because nobody had told her that the boat was gone she walked "
    "down to the river, sat on a stone and waited until it was dark and the lamps were lit.",
    "A dog ran after her.",
    "In the morning the children found the house empty, the door open and the fire still warm.",
    "her brother had left two horses.",
    "No.",
    "We saw her again on the bridge that evening, but the captain asked for the map of the island.",
)
END = "<|end|>"

# Wider than the families' own, so that attention and gelu are far from linear.
_SPREAD = 0.15


def tokenizer(begins: bool) -> Any:
    """A byte-level BPE trained on the texts; with `begins` it puts a BOS in front by itself."""
    from tokenizers import ByteLevelBPETokenizer, processors
    from transformers import PreTrainedTokenizerFast

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        TEXTS * 3, vocab_size=400, special_tokens=[END], show_progress=False
    )
    backend = trained._tokenizer
    if begins:
        backend.post_processor = processors.TemplateProcessing(
            single=f"{END} $A", special_tokens=[(END, 0)]
        )
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=END, eos_token=END)


def checked(config_class: Any, **options: Any) -> Any:
    """The config, every option of which must exist and have taken effect."""
    known = config_class().to_dict()
    config = config_class(**options)
    for name, value in options.items():
        assert name in known or name in config_class.attribute_map, f"no option {name}"
        assert getattr(config, name) == value, f"{name} was ignored"
    return config


def scatter(model: Any, seed: int, spread: float = _SPREAD) -> Any:
    """Every parameter drawn anew: norms and biases too, so that none may be left out unseen."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * spread
            is_norm = parameter.ndim == 1 and name.endswith("weight")
            parameter.copy_(1 + noise if is_norm else noise)
    return model.eval()


def build_gpt2(blocks: int = 4, positions: int = 256, spread: float = _SPREAD) -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = checked(
        GPT2Config, vocab_size=400, n_positions=positions, n_embd=48, n_layer=blocks, n_head=4
    )
    return scatter(GPT2LMHeadModel(config), seed=blocks, spread=spread)


#: The coordinate that is huge in `build_outlier_gpt2`.
HUGE = 7


def build_outlier_gpt2(blocks: int = 4) -> Any:
    """The GPT-2, one coordinate of which holds most of every state's squared length."""
    import torch

    model = build_gpt2(blocks=blocks)
    with torch.no_grad():
        model.transformer.wpe.weight[:, HUGE] += 12
    return model


def build_llama() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    config = checked(
        LlamaConfig,
        vocab_size=400,
        hidden_size=32,
        intermediate_size=72,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=False,
    )
    return scatter(LlamaForCausalLM(config), seed=11)


def word_pieces() -> Any:
    """A WordPiece tokenizer that lower-cases, trained on the texts: it cuts words elsewhere."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import PreTrainedTokenizerFast

    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator(TEXTS * 3, vocab_size=120, min_frequency=1, show_progress=False)
    return PreTrainedTokenizerFast(tokenizer_object=trained._tokenizer, unk_token="[UNK]")


def saved(model: Any, folder: Path, begins: bool) -> Path:
    parameters = sum(p.numel() for p in model.parameters())
    assert parameters < 200_000, f"a tiny model of {parameters} parameters"
    model.save_pretrained(folder)
    tokenizer(begins).save_pretrained(folder)
    return folder
