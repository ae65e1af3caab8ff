"""The tokenizer: a byte-level BPE learned from the training documents."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from text import SEPARATOR
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPT2TokenizerFast, PreTrainedTokenizerFast

SINGLE_PIECES = (" her", " him", " round")


def learn_pieces(texts: Iterable[str], vocabulary: int, context: int) -> PreTrainedTokenizerFast:
    """A fast byte-level BPE tokenizer with `vocabulary` pieces, `<|endoftext|>` among them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[SEPARATOR],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = GPT2TokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=SEPARATOR,
        eos_token=SEPARATOR,
        unk_token=SEPARATOR,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    for piece in SINGLE_PIECES:
        if len(fast.encode(piece)) != 1:
            raise ValueError(f"expected {piece!r} to be one piece, given {fast.tokenize(piece)}")
    return fast


def encode(tokenizer: PreTrainedTokenizerFast, texts: Mapping[str, str]) -> np.ndarray:
    """Token ids of all documents in order, `<|endoftext|>` after each, as uint16."""
    ids: list[int] = []
    for text in texts.values():
        ids += tokenizer.backend_tokenizer.encode(text).ids
        ids.append(tokenizer.eos_token_id)
    return np.array(ids, dtype=np.uint16)


def load_or_learn(
    folder: Path, texts: Mapping[str, str], vocabulary: int, context: int
) -> PreTrainedTokenizerFast:
    """The tokenizer of a work folder; learned and saved there when it has none."""
    if not (folder / "tokenizer.json").exists():
        learn_pieces(texts.values(), vocabulary, context).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)
