"""Models of known shapes with random weights, and sentences whose lengths are mixed as in prose."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
)

from odograph.corpus.bundled import bundled_path
from odograph.models.bundled_model import bundled_model

GPT2, LLAMA, GPT2_XL, LLAMA_8B = (
    "GPT-2 small's shape",
    "135M Llama shape",
    "gpt2-xl's shape",
    "8B Llama shape",
)
_GPT2: dict[str, Any] = {"n_positions": 1024, "vocab_size": 50257}
_LLAMA: dict[str, Any] = {
    "hidden_size": 576,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "intermediate_size": 1536,
    "vocab_size": 49152,
    "tie_word_embeddings": True,
}
_GPT2_XL = _GPT2 | {"n_embd": 1600, "n_layer": 48, "n_head": 25}
_LLAMA_8B: dict[str, Any] = {
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
}
#: What makes a shape tiny for `--quick`.
_SMALL_GPT2: dict[str, Any] = {
    "n_embd": 64,
    "n_layer": 3,
    "n_head": 4,
    "vocab_size": 5000,
    "bos_token_id": None,
    "eos_token_id": None,
}
_SMALL_LLAMA: dict[str, Any] = {
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 5000,
}
_SHAPES = {
    GPT2: (GPT2LMHeadModel, GPT2Config, _GPT2, _SMALL_GPT2),
    LLAMA: (LlamaForCausalLM, LlamaConfig, _LLAMA, _SMALL_LLAMA),
    GPT2_XL: (GPT2LMHeadModel, GPT2Config, _GPT2_XL, _SMALL_GPT2),
    LLAMA_8B: (LlamaForCausalLM, LlamaConfig, _LLAMA_8B, _SMALL_LLAMA),
}


def build(name: str, *, quick: bool, **changed: Any) -> PreTrainedModel:
    """A model of that shape; `changed` are options of its config."""
    kind, config, options, small = _SHAPES[name]
    torch.manual_seed(0)
    model: PreTrainedModel = kind(config(**{**options, **(small if quick else {}), **changed}))
    return model.eval()


def tokenizer() -> Any:
    """That of the bundled model: a trained one, for which random weights are found."""
    return AutoTokenizer.from_pretrained(bundled_model())


def sentences(count: int, *, median: float = 12.0, spread: float = 0.6) -> list[str]:
    """Sentences cut from the bundled prose, their lengths log-normal: `median` words.

    With a spread of 0.6 batches of 8 in random order have 49 % of their positions filled, and
    padding all of 2,000 to the longest fills 21 %; on real prose 50 and 16 % were measured.
    """
    words = _prose()
    generator = np.random.default_rng(0)
    lengths = np.exp(generator.normal(np.log(median), spread, count)).round().clip(3, 160)
    starts = generator.integers(0, len(words) - 160, count)
    return [_sentence(words[s : s + int(k)]) for s, k in zip(starts, lengths, strict=True)]


def drawn_sentences(count: int) -> list[str]:
    """Sentences of which each word is drawn from those that follow the one before in the prose.

    Their lengths are those of `sentences`. Most word trigrams are another sentence's, too, and
    hardly any sentence is a copy.
    """
    words = _prose()
    following: dict[str, list[str]] = {}
    for word, after in pairwise([*words, words[0]]):
        following.setdefault(word, []).append(after)
    generator = np.random.default_rng(0)

    def drawn(length: int) -> Iterator[str]:
        word = words[int(generator.integers(len(words)))]
        for draw in generator.random(length).tolist():
            yield word
            word = following[word][int(draw * len(following[word]))]

    lengths = [len(sentence.split()) for sentence in sentences(count)]
    return [_sentence(list(drawn(length))) for length in lengths]


def words_without(targets: Sequence[str], count: int) -> list[str]:
    """The first words of the bundled prose but for the targets, round and round."""
    found = re.compile(rf"\b({'|'.join(targets)})\b", re.IGNORECASE)
    left = [word for word in _prose() if not found.search(word)]
    return [left[index % len(left)] for index in range(count)]


def _prose() -> list[str]:
    texts = [bundled_path(name).read_text(encoding="utf-8") for name in ("passages", "nietzsche")]
    return " ".join(texts).split()


def _sentence(words: list[str]) -> str:
    text = " ".join(words).rstrip(".,;:")
    return f"{text[:1].upper()}{text[1:]}."
