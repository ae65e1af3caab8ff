"""A tiny untrained GPT-2 with a tokenizer of its own, and a way to give commands in process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from odograph.cli import run

SENTENCES = (
    "The old man turned round and followed her across the field.",
    "Nobody had told her that the boat was gone.",
    "They gave her the letter and went home in the rain.",
    "In the morning the children found her asleep by the fire.",
    "A small dog ran after her down the long road.",
    "The captain asked her for the map of the island.",
    "We saw her again on the bridge that evening.",
    "Her brother had left her a house and two horses.",
)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def odograph(capfd: pytest.CaptureFixture[str]) -> Command:
    """Gives a command and says how it ended."""

    def give(*arguments: object) -> Ended:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return give


def _save_model(folder: Path, blocks: int) -> Path:
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(
        SENTENCES, vocab_size=400, special_tokens=["<|end|>"], show_progress=False
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer._tokenizer, bos_token="<|end|>", eos_token="<|end|>"
    )
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=len(fast),
        n_positions=64,
        n_embd=32,
        n_layer=blocks,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model_in() -> Callable[..., Path]:
    """Saves such a model into a folder; how many blocks it has is named."""
    return _save_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a GPT-2 of 2 blocks and width 32 with random weights."""
    return _save_model(tmp_path_factory.mktemp("models") / "tiny", blocks=2)


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with 3 blocks."""
    return _save_model(tmp_path_factory.mktemp("models") / "other", blocks=3)


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight sentences, each with the word "her"."""
    path = tmp_path_factory.mktemp("texts") / "sentences.txt"
    path.write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def finished(tiny_model: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a measured run, to be read only."""
    out = tmp_path_factory.mktemp("runs") / "finished"
    given = ["--model", tiny_model, "--texts", texts, "--target", "her", "--out", out, "--quiet"]
    assert run(["measure", *map(str, given)]) == 0
    return out
