"""Tokenizers to test with: one made here, and real ones where the shared data is present."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SENTENCES = [
    "She took her home, and the other children watched her from there.",
    "The wind blew her across the yard and almost into the pond.",
    "don't tell her mother about it, they said; her brother knows.",
]


def shared(path):
    """A path in the shared data, or a skip that says what is missing."""
    if not (SHARED / path).exists():
        pytest.skip(f"shared data is absent: {path}")
    return SHARED / path


@pytest.fixture(scope="session")
def shared_data():
    return shared


@pytest.fixture(scope="session")
def small():
    """A byte-level BPE of 350 entries, made from three sentences, without special tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=350,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(SENTENCES * 20, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>")


@pytest.fixture(scope="session")
def small_with_bos(small):
    """The same, putting <|end|> in front of what it reads."""
    from tokenizers import Tokenizer, processors
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer.from_str(small.backend_tokenizer.to_str())
    backend.post_processor = processors.TemplateProcessing(
        single="<|end|> $A", special_tokens=[("<|end|>", 0)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="<|end|>", bos_token="<|end|>"
    )


@pytest.fixture(scope="session")
def gpt2():
    from transformers import GPT2TokenizerFast

    folder = shared("tokenizers/gpt2")
    return GPT2TokenizerFast(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"))


@pytest.fixture(scope="session")
def pythia():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(shared("tokenizers/pythia"), local_files_only=True)


@pytest.fixture(scope="session")
def bert():
    from transformers import BertTokenizerFast

    return BertTokenizerFast(vocab=str(shared("tokenizers/bert") / "vocab.txt"))


@pytest.fixture(scope="session")
def stories():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(shared("models/stories260k"), local_files_only=True)


@pytest.fixture(scope="session", params=["small", "small_with_bos", "gpt2", "pythia", "stories"])
def tokenizer(request):
    return request.getfixturevalue(request.param)
