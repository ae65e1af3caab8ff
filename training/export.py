"""The model folder: weights in float16, config and tokenizer as Hugging Face writes them."""

import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig, GPT2LMHeadModel, PreTrainedTokenizerFast

FOLDER = Path(__file__).parent.parent / "src/odograph/models/bundled"
WEIGHTS = "model.safetensors"


def export(work: Path, folder: Path, model: GPT2LMHeadModel) -> None:
    """Writes the last checkpoint of a work folder as a model folder."""
    state = torch.load(work / "checkpoint.pt", weights_only=True)["model"]
    model.load_state_dict(state)
    write_model(folder, model, work / "tokenizer")


def write_model(folder: Path, model: GPT2LMHeadModel, learned: Path) -> None:
    """Writes a model folder: config, weights, and the tokenizer that lies in `learned`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, model)
    write_weights(folder, model)
    write_tokenizer(folder, learned)


def write_config(folder: Path, model: GPT2LMHeadModel) -> None:
    """Writes `config.json` and `generation_config.json`.

    The stated dtype is float32: the float16 file only halves the download, a CPU computes in
    float32 and so do the numbers of the card.
    """
    model.config.dtype = torch.float32
    model.config.architectures = ["GPT2LMHeadModel"]
    model.config.save_pretrained(folder)
    end = model.config.eos_token_id
    GenerationConfig(bos_token_id=end, eos_token_id=end, pad_token_id=end).save_pretrained(folder)


def write_weights(folder: Path, model: GPT2LMHeadModel) -> None:
    """Writes the weights in float16; the tied head is the token embedding and is not repeated."""
    tensors = {
        name: tensor.to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    save_file(tensors, folder / (WEIGHTS + ".part"), metadata={"format": "pt"})
    (folder / (WEIGHTS + ".part")).chmod(0o644)
    (folder / (WEIGHTS + ".part")).replace(folder / WEIGHTS)


def write_tokenizer(folder: Path, learned: Path) -> None:
    """Writes the tokenizer files: `tokenizer.json` as learned, its config by hand.

    The class is the plain fast one: it takes everything from `tokenizer.json`, so that no
    version of the library puts a special token in front.
    """
    shutil.copyfile(learned / "tokenizer.json", folder / "tokenizer.json")
    fast = PreTrainedTokenizerFast.from_pretrained(learned)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": fast.eos_token,
        "eos_token": fast.eos_token,
        "unk_token": fast.eos_token,
        "model_max_length": fast.model_max_length,
        "clean_up_tokenization_spaces": False,
    }
    text = json.dumps(config, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


def sha256(path: Path) -> str:
    """sha256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
